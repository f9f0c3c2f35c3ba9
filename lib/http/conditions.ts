/** What a representation is told by: its ETag, which is a strong one, and where it has one its date. */
export interface Validators {
  /** With its quotes. */
  etag: string;
  lastModified: Date | null;
}

/**
 * What the conditions of a GET or HEAD make of it, in the order of RFC 9110, section 13.2.2: `go-on`, `304` (the client
 * has it already) or `412` (it is not what the client wants to go on with).
 */
export function checkConditions(headers: Headers, validators: Validators): 'go-on' | 304 | 412 {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== null) {
    if (!listsTag(ifMatch, validators.etag, 'strong')) return 412;
  } else if (isAfter(validators.lastModified, headers.get('if-unmodified-since')) === true) return 412;

  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) return listsTag(ifNoneMatch, validators.etag, 'weak') ? 304 : 'go-on';
  return isAfter(validators.lastModified, headers.get('if-modified-since')) === false ? 304 : 'go-on';
}

/**
 * Whether `Range` counts (RFC 9110, section 13.1.5): for GET alone, and with `If-Range` only while the file is the one that
 * the client has a part of. A weak ETag never says so, and neither does a date other than the very one that was sent.
 */
export function rangeCounts(method: string, headers: Headers, { etag, lastModified }: Validators): boolean {
  if (method !== 'GET') return false;
  const condition = headers.get('if-range');
  if (condition === null) return true;
  if (condition.startsWith('"')) return condition === etag;
  return lastModified !== null && seconds(lastModified.getTime()) === seconds(Date.parse(condition));
}

function listsTag(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  return (list.match(/(?:W\/)?"[^"]*"/g) ?? []).some(
    (tag) => tag === etag || (comparison === 'weak' && tag === `W/${etag}`),
  );
}

/** Whether it changed after a date, to the second; null where there is nothing to compare. */
function isAfter(lastModified: Date | null, date: string | null): boolean | null {
  const than = date === null ? Number.NaN : Date.parse(date);
  if (lastModified === null || Number.isNaN(than)) return null;
  return seconds(lastModified.getTime()) > seconds(than);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

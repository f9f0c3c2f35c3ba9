/** What a pax header changes of the member that follows it. */
export interface PaxRecords {
  path?: string;
  size?: number;
  isSparse?: true;
}

/** Reads `LENGTH KEY=VALUE\n` records as CPython does (`Lib/tarfile.py`, `_proc_pax`), up to the first that is none. */
export function readPaxRecords(bytes: Uint8Array): PaxRecords {
  const records: PaxRecords = {};
  const all = Buffer.from(bytes).toString('latin1');
  for (let at = 0; at < all.length; ) {
    const match = /^(\d{1,9}) ([^=]{1,200})=/.exec(all.slice(at, at + 220));
    const length = Number(match?.[1] ?? 0);
    if (match?.[2] === undefined || length <= match[0].length) break;
    apply(records, match[2], all.slice(at + match[0].length, at + length - 1));
    at += length;
  }
  return records;
}

function apply(records: PaxRecords, key: string, value: string): void {
  if (key === 'path' || key === 'GNU.sparse.name') records.path = Buffer.from(value, 'latin1').toString('utf8');
  else if (key === 'size') {
    // What is no number counts as 0.
    records.size = Math.max(0, Number.parseInt(value, 10) || 0);
  } else if (key.startsWith('GNU.sparse.')) records.isSparse = true;
}

import { RemoteError } from './errors.ts';
import { FILE_LIMITS } from './limits.ts';
import { type OpenOptions, openRemote, type RemoteAnswer } from './open.ts';
import { statusError } from './status.ts';

/** What is known of the file before a request, from its source or from requests before. */
export interface ExpectedFile {
  /** Bytes; null where nobody has said. */
  size: number | null;
  /** The strong ETag, or the date, of the answer that what is there came from; null where there was none. */
  validator: string | null;
  /** True where a digest of the whole file is checked in the end: then a part of it needs no validator. */
  hasDigest: boolean;
}

/** Where a download is kept, across broken connections and restarts. */
export interface DownloadTarget {
  /** Bytes that are there. */
  received(): Promise<number>;
  /** Drops what is there: what comes next is another file, or the same from its first byte. */
  restart(): Promise<void>;
  /** Told of the answer before its bytes come; the size is null where the server does not say. Throws to refuse it. */
  begin(file: { size: number | null; validator: string | null; answer: RemoteAnswer }): Promise<void>;
  /** Writes what comes from `offset` on. */
  write(answer: RemoteAnswer, offset: number): Promise<void>;
}

export type DownloadOptions = Omit<OpenOptions, 'limits' | 'maxBytes' | 'headers'> & {
  maxBytes: number;
  limits?: OpenOptions['limits'];
};

/**
 * Downloads `address` into `target`, beginning with the byte after those that are there where the server has ranges and
 * the file is still the same. Throws RemoteError; what came until then stays for the next time.
 */
export async function download(
  address: string,
  target: DownloadTarget,
  expected: ExpectedFile,
  options: DownloadOptions,
): Promise<void> {
  let offset = await target.received();
  const { size, validator, hasDigest } = expected;
  // Nobody could tell whether the rest were of the same file.
  if (offset > 0 && validator === null && !hasDigest) offset = await startOver(target);
  if (size !== null && offset > size) offset = await startOver(target);
  if (size !== null && offset === size) return;

  let answer = await open(address, offset, expected, options);
  if (offset > 0 && !continues(answer, offset, expected)) {
    offset = await startOver(target);
    if (answer.status !== 200) {
      answer.body.destroy();
      answer = await open(address, 0, expected, options);
    }
  }
  try {
    const total = sizeOf(answer, offset);
    if (size !== null && total !== null && total !== size)
      throw new RemoteError('digest', `${answer.url.host} has ${total} bytes of this file; its page says ${size}.`);
    await target.begin({ size: total, validator: validatorOf(answer), answer });
    await target.write(answer, offset);
    const end = await target.received();
    const whole = total ?? size;
    if (whole !== null && end !== whole)
      throw new RemoteError('cut-off', `${answer.url.host} closed the connection before the end.`);
  } finally {
    answer.body.destroy();
  }
}

async function startOver(target: DownloadTarget): Promise<0> {
  await target.restart();
  return 0;
}

/** Asks for the file from `offset` on. The answer is 200, 206, or 416 to a range. */
async function open(
  address: string,
  offset: number,
  { validator, hasDigest }: ExpectedFile,
  options: DownloadOptions,
): Promise<RemoteAnswer> {
  const headers: Record<string, string> = {};
  if (offset > 0) {
    headers.range = `bytes=${offset}-`;
    // Mirrors of one file have validators of their own; the digest says in the end whether it was one file.
    if (validator !== null && !hasDigest) headers['if-range'] = validator;
  }
  const answer = await openRemote(address, { limits: FILE_LIMITS, ...options, headers });
  const isExpected = answer.status === 200 || (offset > 0 && (answer.status === 206 || answer.status === 416));
  if (isExpected) {
    const problem = answer.status === 416 ? null : pageError(answer);
    if (problem === null) return answer;
    answer.body.destroy();
    throw problem;
  }
  answer.body.destroy();
  if (answer.status === 206)
    throw new RemoteError('protocol', `${answer.url.host} sent a part of the file that nobody asked for.`);
  throw statusError(answer);
}

/** What answers for a file is a page to sign in at, mostly, or an error with the status of a success. */
function pageError({ headers, url }: RemoteAnswer): RemoteError | null {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'text/html' || type === 'application/xhtml+xml')
    return new RemoteError(
      'not-a-file',
      `${url.host} sent a web page in place of the file. Enter the address of the file itself; it may need a token.`,
    );
  return type === 'application/json' && !/\.json$/i.test(url.pathname)
    ? new RemoteError('not-a-file', `${url.host} sent a message in place of the file.`)
    : null;
}

/** Whether an answer goes on with the bytes that are there. */
function continues(answer: RemoteAnswer, offset: number, { size, validator, hasDigest }: ExpectedFile): boolean {
  if (answer.status !== 206) return false;
  const range = readContentRange(answer.headers['content-range']);
  if (range === null || range.from !== offset || range.to !== range.total - 1) return false;
  if (size !== null && range.total !== size) return false;
  // A server that looks at `Range` alone would send the end of another file.
  return hasDigest || validatorOf(answer) === validator;
}

interface ContentRange {
  from: number;
  to: number;
  total: number;
}

function readContentRange(text: string | undefined): ContentRange | null {
  const [, from, to, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(text ?? '') ?? [];
  return total === undefined ? null : { from: Number(from), to: Number(to), total: Number(total) };
}

/** Bytes of the whole file. */
function sizeOf(answer: RemoteAnswer, offset: number): number | null {
  const range = readContentRange(answer.headers['content-range']);
  if (answer.status === 206 && range !== null) return range.total;
  const length = answer.headers['content-length'];
  return length === undefined ? null : offset + Number(length);
}

/** What tells this file from another at its address: only a strong ETag does, or else the date. */
function validatorOf({ headers }: RemoteAnswer): string | null {
  const { etag } = headers;
  if (etag !== undefined && /^"[^"]*"$/.test(etag)) return etag;
  return headers['last-modified'] ?? null;
}

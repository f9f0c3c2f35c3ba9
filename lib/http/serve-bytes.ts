import { createHash } from 'node:crypto';
import { parse as parseRanges } from 'range-parser';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { type BlobPlace, type BlobRange, requireBlob } from '../storage/index.ts';
import { checkConditions, rangeCounts, type Validators } from './conditions.ts';
import { contentDisposition, isNavigation } from './content-disposition.ts';
import { type FilePart, fileResponse } from './file-response.ts';

export interface ServedBlob {
  sha256: string;
  /** Bytes. */
  size: number;
  filename: string;
  modifiedAt: Date;
  /** Of a picture, which is shown and not saved; and kept by the browser, because its address names its bytes. */
  mediaType?: string;
}

export interface ForeignContent {
  filename: string;
  mediaType: string;
  content: Uint8Array;
  /** At the same address, so that no browser keeps it. */
  mayChange?: true;
}

/** `isStart` tells whether the answer holds the first byte, so that a download in pieces counts once. */
export interface ServedBytes {
  response: Response;
  isStart: boolean;
}

/** A bit of range-parser's code: some of the header follows no syntax, so all of it is left alone. */
const MALFORMED = 1;

/** What an answer says of the bytes, whichever part of them it holds. */
interface Description extends Validators {
  size: number;
  headers: Headers;
}

/**
 * Answers GET and HEAD with immutable bytes of the store: one range (RFC 9110, section 14; the whole where several are
 * asked for), conditions (section 13), length and digest (RFC 9530). Throws AppError when the bytes
 * are not to be had: half an answer would look like a broken line.
 */
export async function serveBlob(request: Request, blob: ServedBlob): Promise<ServedBytes> {
  const { path, size, stamp } = await requireServed(blob);
  const isPicture = blob.mediaType !== undefined;
  return serve(
    request,
    describe(blob.sha256, blob.size, blob.modifiedAt, {
      'cache-control': isPicture ? 'private, max-age=86400' : 'private, no-store',
      'content-disposition': contentDisposition(isPicture ? 'inline' : 'attachment', blob.filename, {
        isBrowser: isNavigation(request.headers),
      }),
      'content-type': blob.mediaType ?? 'application/octet-stream',
    }),
    ({ start, end }) => ({ path, size, stamp, start, end }),
  );
}

/** Where the bytes are. Throws AppError, and the log says of which file. */
export async function requireServed({ sha256, size }: Pick<ServedBlob, 'sha256' | 'size'>): Promise<BlobPlace> {
  try {
    const place = await requireBlob(sha256);
    if (place.size === size) return place;
    throw new AppError('unavailable', 'The file is damaged. Contact the administrator.');
  } catch (error) {
    log('http').error({ sha256, error: String(error) }, 'The bytes of a file are not to be had.');
    throw error;
  }
}

/**
 * Answers with bytes that somebody uploaded and the database keeps. Pictures are shown; anything else is text to save.
 */
export function serveContent(
  request: Request,
  { filename, mediaType, content, mayChange }: ForeignContent,
): ServedBytes {
  const isPicture = mediaType.startsWith('image/');
  const sha256 = createHash('sha256').update(content).digest('hex');
  return serve(
    request,
    describe(sha256, content.length, null, {
      'cache-control': mayChange ? 'private, no-store' : 'private, max-age=3600',
      'content-disposition': contentDisposition(isPicture ? 'inline' : 'attachment', filename, {
        isBrowser: isNavigation(request.headers),
      }),
      'content-type': isPicture ? mediaType : 'text/plain; charset=utf-8',
    }),
    ({ start, end }) => new Uint8Array(content.subarray(start, end + 1)),
  );
}

function describe(
  sha256: string,
  size: number,
  lastModified: Date | null,
  headers: Readonly<Record<string, string>>,
): Description {
  const etag = `"sha256-${sha256}"`;
  return {
    etag,
    lastModified,
    size,
    headers: new Headers({
      ...headers,
      'accept-ranges': 'bytes',
      etag,
      ...(lastModified === null ? {} : { 'last-modified': lastModified.toUTCString() }),
      'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
    }),
  };
}

type Body = FilePart | Uint8Array<ArrayBuffer>;

function serve(
  { method, headers: asked }: Request,
  { size, headers, ...validators }: Description,
  bodyOf: (range: BlobRange) => Body,
): ServedBytes {
  const outcome = checkConditions(asked, validators);
  if (outcome === 304) return { response: new Response(null, { status: 304, headers }), isStart: false };
  if (outcome === 412) return { response: emptyResponse(412, headers), isStart: false };

  const range = rangeCounts(method, asked, validators) ? readRange(asked.get('range'), size) : null;
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${size}`);
    return { response: emptyResponse(416, headers), isStart: false };
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  headers.set('content-length', String(end - start + 1));
  if (range !== null) headers.set('content-range', `bytes ${start}-${end}/${size}`);
  const init = { status: range === null ? 200 : 206, headers };
  const body = bodyOf({ start, end });
  const isHead = method === 'HEAD';
  const response =
    body instanceof Uint8Array ? new Response(isHead ? null : body, init) : fileResponse(body, init, isHead);
  return { response, isStart: !isHead && start === 0 };
}

/** Without a body: there are clients that append whatever comes to the file they have. */
function emptyResponse(status: number, headers: Headers): Response {
  headers.delete('content-type');
  headers.delete('content-disposition');
  headers.set('content-length', '0');
  return new Response(null, { status, headers });
}

/**
 * The one range that is asked for. Null means the whole file: for what is no range of bytes, and for several ranges, which
 * a server may answer so (RFC 9110, section 14.2) and no client of model files asks for.
 */
function readRange(header: string | null, size: number): BlobRange | 'unsatisfiable' | null {
  if (header === null) return null;
  const { code, type, ranges } = parseRanges(size, header.trim());
  if (type !== 'bytes' || (code & MALFORMED) !== 0) return null;
  const [first, second] = ranges;
  if (first === undefined) return code === 0 ? null : 'unsatisfiable';
  return second === undefined ? first : null;
}

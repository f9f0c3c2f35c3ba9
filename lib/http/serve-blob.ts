import { Readable } from 'node:stream';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { blobStore } from '../storage/index.ts';

export interface ServedBlob {
  sha256: string;
  /** Bytes. */
  size: number;
  filename: string;
  modifiedAt: Date;
  /** Of a picture, which is shown and not saved; and kept by the browser, because its address names its bytes. */
  mediaType?: string;
}

/**
 * Answers GET and HEAD with immutable bytes: ranges (RFC 9110, section 14), conditions (section 13), and the digest
 * (RFC 9530). `isStart` tells whether the answer holds the first byte, so that a download in pieces counts once.
 * Throws AppError `unavailable` when the store has lost the bytes: half an answer would look like a broken line.
 */
export async function serveBlob(request: Request, blob: ServedBlob): Promise<{ response: Response; isStart: boolean }> {
  if ((await blobStore().sizeOf(blob.sha256)) !== blob.size) {
    log('http').error({ sha256: blob.sha256 }, 'The store does not have this file.');
    throw new AppError('unavailable', 'The file is missing from the store. Contact the administrator.');
  }
  const etag = `"sha256-${blob.sha256}"`;
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': blob.mediaType === undefined ? 'private, no-store' : 'private, max-age=86400',
    'content-disposition': `${blob.mediaType === undefined ? 'attachment' : 'inline'}; filename="${plainName(blob.filename)}"`,
    'content-type': blob.mediaType ?? 'application/octet-stream',
    etag,
    'last-modified': blob.modifiedAt.toUTCString(),
    'repr-digest': `sha-256=:${Buffer.from(blob.sha256, 'hex').toString('base64')}:`,
    'x-content-type-options': 'nosniff',
  });
  if (matchesEtag(request.headers.get('if-none-match'), etag))
    return { response: new Response(null, { status: 304, headers }), isStart: false };

  const range = mayUseRange(request, headers) ? parseRange(request.headers.get('range'), blob.size) : null;
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${blob.size}`);
    headers.set('content-length', '0');
    // No body: there are clients that append whatever comes to the file they have.
    return { response: new Response(null, { status: 416, headers }), isStart: false };
  }
  const { start, end } = range ?? { start: 0, end: blob.size - 1 };
  headers.set('content-length', String(end - start + 1));
  if (range !== null) headers.set('content-range', `bytes ${start}-${end}/${blob.size}`);
  const status = range === null ? 200 : 206;
  if (request.method === 'HEAD') return { response: new Response(null, { status, headers }), isStart: false };

  const stream = blobStore().read(blob.sha256, { start, end });
  return {
    response: new Response(Readable.toWeb(stream) as ReadableStream, { status, headers }),
    isStart: start === 0,
  };
}

/** ASCII without quotes, backslashes and `=`, which simple clients split the header at. */
function plainName(filename: string): string {
  const ascii = filename
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '_')
    .replace(/["\\=;%/]/g, '_')
    .trim();
  return ascii === '' ? 'model' : ascii;
}

function matchesEtag(header: string | null, etag: string): boolean {
  return header?.split(',').some((value) => ['*', etag, `W/${etag}`].includes(value.trim())) ?? false;
}

/**
 * Ranges are for GET alone: clients ask HEAD for the whole length after a 416, with their Range still set. If-Range
 * asks for the whole file unless it is still the one the client has.
 */
function mayUseRange(request: Request, headers: Headers): boolean {
  if (request.method !== 'GET') return false;
  const condition = request.headers.get('if-range');
  return condition === null || condition === headers.get('etag') || condition === headers.get('last-modified');
}

/** One range of bytes. Anything else that can be left alone (several ranges, another unit) means the whole file. */
function parseRange(header: string | null, size: number): { start: number; end: number } | 'unsatisfiable' | null {
  const found = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = found ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

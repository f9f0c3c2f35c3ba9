import { makeZip, predictLength } from 'client-zip';
import { type BlobPlace, readBlob } from '../storage/index.ts';
import { contentDisposition, isNavigation } from './content-disposition.ts';
import { requireServed } from './serve-bytes.ts';

/** A file of the store, or one that was made for the archive. */
export type ZippedFile = {
  /** In the archive, with `/`. */
  path: string;
} & (
  | {
      sha256: string;
      /** Bytes. */
      size: number;
    }
  | { content: Buffer }
);

/**
 * Answers GET and HEAD with files of the store as one ZIP file, stored and not deflated, whose length is known ahead.
 * Throws AppError when one of them is not to be had.
 */
export async function serveZip(
  request: Request,
  { filename, modifiedAt, files }: { filename: string; modifiedAt: Date; files: readonly ZippedFile[] },
): Promise<Response> {
  const places = new Map<ZippedFile, BlobPlace>();
  for (const file of files) if (!('content' in file)) places.set(file, await requireServed(file));
  const entries = files.map((file) => ({ name: file.path, size: sizeOf(file), lastModified: modifiedAt }));
  const headers = {
    'accept-ranges': 'none',
    'cache-control': 'private, no-store',
    'content-disposition': contentDisposition('attachment', filename, { isBrowser: isNavigation(request.headers) }),
    'content-length': String(predictLength(entries)),
    'content-type': 'application/zip',
  };
  if (request.method === 'HEAD') return new Response(null, { headers });
  return new Response(makeZip(readFiles(files, places, modifiedAt)), { headers });
}

/** Each is opened when the one before has been sent. */
function* readFiles(files: readonly ZippedFile[], places: ReadonlyMap<ZippedFile, BlobPlace>, lastModified: Date) {
  for (const file of files) {
    const place = places.get(file);
    const input = 'content' in file ? new Uint8Array(file.content) : place && readBlob(place);
    if (input === undefined) throw new Error('A file of the archive was not looked for.');
    yield { name: file.path, size: sizeOf(file), lastModified, input };
  }
}

function sizeOf(file: ZippedFile): number {
  return 'content' in file ? file.content.length : file.size;
}

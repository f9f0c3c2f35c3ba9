import { makeZip, predictLength } from 'client-zip';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { blobStore } from '../storage/index.ts';
import { contentDisposition, isNavigation } from './content-disposition.ts';

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
 * Throws AppError `unavailable` when the store has lost one of them.
 */
export async function serveZip(
  request: Request,
  { filename, modifiedAt, files }: { filename: string; modifiedAt: Date; files: readonly ZippedFile[] },
): Promise<Response> {
  for (const file of files) {
    if ('content' in file) continue;
    const { sha256, size } = file;
    if ((await blobStore().sizeOf(sha256)) === size) continue;
    log('http').error({ sha256 }, 'The store does not have this file.');
    throw new AppError('unavailable', 'A file is missing from the store. Contact the administrator.');
  }
  const entries = files.map((file) => ({ name: file.path, size: sizeOf(file), lastModified: modifiedAt }));
  const headers = {
    'accept-ranges': 'none',
    'cache-control': 'private, no-store',
    'content-disposition': contentDisposition('attachment', filename, { isBrowser: isNavigation(request.headers) }),
    'content-length': String(predictLength(entries)),
    'content-type': 'application/zip',
  };
  if (request.method === 'HEAD') return new Response(null, { headers });
  return new Response(makeZip(readFiles(files, modifiedAt)), { headers });
}

/** Each is opened when the one before has been sent. */
function* readFiles(files: readonly ZippedFile[], lastModified: Date) {
  for (const file of files) {
    const input =
      'content' in file
        ? new Uint8Array(file.content)
        : (blobStore().read(file.sha256) as AsyncIterable<Uint8Array<ArrayBuffer>>);
    yield { name: file.path, size: sizeOf(file), lastModified, input };
  }
}

function sizeOf(file: ZippedFile): number {
  return 'content' in file ? file.content.length : file.size;
}

import { open, stat } from 'node:fs/promises';
import { type DetailedError, Upload } from 'tus-js-client';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../../errors.ts';
import { explain } from '../list-files.ts';
import { showProgress } from '../progress.ts';
import { type ServerOptions, wordsOf } from '../server-option.ts';
import { plain } from '../terminal-text.ts';
import { tusHttp, tusSource } from '../tus-file.ts';

/** What a proxy with a limit of 100 MB lets pass. Each waits for the answer to the one before. */
const CHUNK_BYTES = 64 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];

/**
 * Sends one file by tus, going on where it was after the connection broke; `resume` is the id of an upload that an earlier
 * try began. Returns the upload's id. Throws AppError.
 */
export async function sendFile(
  path: string,
  { server, token }: ServerOptions,
  metadata: Readonly<Record<string, string>>,
  resume?: string,
): Promise<string> {
  const unreadable = (error: unknown) => {
    throw new AppError('bad_request', plain(explain(error)));
  };
  const found = await stat(path).catch(unreadable);
  // Opening what is no file may wait for ever.
  if (!found.isFile()) throw new AppError('bad_request', 'This is not a file. Name the files to upload.');
  await using file = await open(path).catch(unreadable);
  const bar = await showProgress('Uploading', path);
  try {
    return await new Promise<string>((resolve, reject) => {
      // The file itself is read, and measured, through `fileReader`.
      const upload = new Upload(new Blob(), {
        endpoint: new URL('/api/uploads', server).href,
        ...(resume === undefined ? {} : { uploadUrl: new URL(`/api/uploads/${resume}`, server).href }),
        headers: { authorization: `Bearer ${token}` },
        metadata: { ...metadata },
        fileReader: { openFile: async () => tusSource(file, found.size) },
        httpStack: tusHttp,
        chunkSize: CHUNK_BYTES,
        retryDelays: RETRY_MS,
        onProgress: (sent, total) => bar.update(total > 0 ? sent / total : 1),
        onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
        onError: (error) => reject(refusal(error)),
      });
      upload.start();
    });
  } finally {
    bar.end();
  }
}

function refusal(error: Error | DetailedError): AppError {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  const words = response === null ? null : (wordsOf(response.getBody()) ?? plain(response.getBody().trim()));
  const cause = 'causingError' in error && isSystemError(error.causingError) ? error.causingError.code : undefined;
  return new AppError('unavailable', `Upload failed: ${words || cause || plain(error.message)}`);
}

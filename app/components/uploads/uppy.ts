import Uppy, { type UppyFile } from '@uppy/core';
import Tus, { type TusBody } from '@uppy/tus';
import { errorMessageOf } from '#lib/error-answer.ts';
import type { LocalUpload } from './tray-rows.ts';

export interface UploadMeta extends Record<string, unknown> {
  /** The model a further version is sent for. */
  modelId?: string;
}

export type Uploader = Uppy<UploadMeta, TusBody>;
type LocalFile = UppyFile<UploadMeta, TusBody>;

export const UPLOADS_PATH = '/api/uploads';
/** Large enough to keep the line full, small enough that a broken line costs seconds. */
const CHUNK_BYTES = 32 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];

/** Sends files by tus: three side by side, each in chunks, retried, and found again after a reload. */
export function createUploader(): Uploader {
  const uploader: Uploader = new Uppy<UploadMeta, TusBody>({ id: 'weighhouse', autoProceed: true });
  uploader.use(Tus<UploadMeta, TusBody>, {
    endpoint: UPLOADS_PATH,
    chunkSize: CHUNK_BYTES,
    retryDelays: RETRY_MS,
    removeFingerprintOnSuccess: true,
    limit: 3,
  });
  uploader.on('upload-error', (file, error, response) => {
    if (file === undefined || uploader.getFile(file.id) === undefined) return;
    const xhr = response?.body?.xhr;
    uploader.setFileState(file.id, { error: explain(xhr?.responseText ?? '') ?? explainNetwork(error.message) });
  });
  return uploader;
}

export function localUpload(file: LocalFile): LocalUpload {
  const url = file.uploadURL ?? file.response?.uploadURL ?? file.tus?.uploadUrl;
  const { progress } = file;
  return {
    id: file.id,
    uploadId: url?.split('/').at(-1) ?? null,
    name: file.name,
    size: file.size ?? 0,
    sent: progress.bytesUploaded || 0,
    // Uppy calls a file started while it still waits behind others; the first bytes tell.
    started: progress.bytesUploaded !== false && progress.bytesUploaded > 0,
    paused: file.isPaused === true,
    complete: progress.uploadComplete === true,
    error: file.error ?? null,
  };
}

/** The service's own words for a refusal, from the body of its answer. */
function explain(body: string): string | null {
  const message = errorMessageOf(body);
  if (message !== null) return message;
  // A proxy says it in plain text, or with a page.
  return body.trim() !== '' && body.length < 1000 && !/[<{]/.test(body) ? body.trim() : null;
}

function explainNetwork(message: string): string {
  return message.startsWith('tus:') || message === ''
    ? 'The connection was lost. Your progress is saved: choose Retry to resume.'
    : message;
}

import { type DetailedError, Upload } from 'tus-js-client';
import { type Failure, failureOf } from './failures.ts';
import type { UploadTask } from './upload-task.ts';

const UPLOADS_PATH = '/api/uploads';
/** What a proxy with a limit of 100 MB lets pass. Each waits for the answer to the one before. */
const CHUNK_BYTES = 64 * 1024 * 1024;
const CHECK_TIMEOUT_MS = 5000;

interface UploadEvents {
  onCreated: (uploadId: string) => void;
  /** Bytes. */
  onProgress: (sent: number) => void;
  onSuccess: () => void;
  onFailure: (failure: Failure) => void;
}

/** One attempt to send a file by tus, to be started. It creates the upload where the task has none. */
export function createAttempt(
  { name, modelId, part, uploadId }: UploadTask,
  file: File,
  { onCreated, onProgress, onSuccess, onFailure }: UploadEvents,
): Upload {
  const upload = new Upload(file, {
    // Without an endpoint tus creates no other upload in place of one that it does not get at.
    ...(uploadId === null ? { endpoint: UPLOADS_PATH } : { uploadUrl: `${UPLOADS_PATH}/${uploadId}` }),
    metadata: {
      filename: name,
      filetype: file.type,
      ...(modelId === null ? {} : { modelId: String(modelId) }),
      ...part,
    },
    chunkSize: CHUNK_BYTES,
    // What is tried again, and when, is decided by the queue, and so is which upload a file goes to.
    retryDelays: null,
    storeFingerprintForResuming: false,
    onUploadUrlAvailable: () => {
      const id = upload.url?.split('/').at(-1);
      if (id !== undefined) onCreated(id);
    },
    onProgress,
    onSuccess,
    onError: (error) => onFailure(failureOf(answerOf(error))),
  });
  return upload;
}

function answerOf(error: Error | DetailedError) {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  return {
    status: response?.getStatus() ?? 0,
    body: response?.getBody() ?? '',
    retryAfter: response?.getHeader('Retry-After') ?? null,
  };
}

export async function isServerThere(): Promise<boolean> {
  try {
    await fetch('/api/health', { cache: 'no-store', signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

/** Gives up an upload that is not being sent from here (tus termination). */
export async function abandonUpload(uploadId: string): Promise<void> {
  const response = await fetch(`${UPLOADS_PATH}/${uploadId}`, {
    method: 'DELETE',
    headers: { 'tus-resumable': '1.0.0' },
  });
  if (!response.ok && response.status !== 404 && response.status !== 410) {
    throw new Error('The upload could not be cancelled. Try again.');
  }
}

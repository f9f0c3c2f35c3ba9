import type { DetailedError } from 'tus-js-client';
import type { Answer } from './failures.ts';

export const UPLOADS_PATH = '/api/uploads';
const CHECK_TIMEOUT_MS = 5000;

/** Whether the server answers at all. */
export async function isServerThere(): Promise<boolean> {
  try {
    await fetch('/api/health', { cache: 'no-store', signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}

/** What the server answered where tus gave up; status 0 where it did not. */
export function answerOf(error: Error | DetailedError): Answer {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  return {
    status: response?.getStatus() ?? 0,
    body: response?.getBody() ?? '',
    retryAfter: response?.getHeader('Retry-After') ?? null,
  };
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

import { errorMessageOf } from '#lib/error-answer.ts';

/** Calls a route of this service with JSON. Rejects with an Error whose message the service wrote for people. */
export async function callApi<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The server does not respond. Check your connection and try again.');
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(errorMessageOf(text) ?? `The server returned an error (${response.status}). Try again later.`);
  return parse(text) as Answer;
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'An unexpected error occurred. Try again.';
}

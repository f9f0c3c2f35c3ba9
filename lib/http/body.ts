import { AppError } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';

/** Most bytes of a body where a route declares no other. */
export const BODY_BYTES = 1024 * 1024;

export interface LimitedRequest {
  /** The same request, whose body fails with AppError `too_large` as soon as it has more than the limit. */
  request: Request;
  /** That error once the limit was passed, whatever the reader made of it. */
  exceeded(): AppError | null;
}

/** Holds a request's body to `most` bytes while it is read. Throws AppError where its length is announced to be more. */
export function limitBody(request: Request, most: number): LimitedRequest {
  const tooLarge = () => new AppError('too_large', `The request body may be at most ${formatBytes(most)}.`);
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge();
  if (request.body === null) return { request, exceeded: () => null };

  let size = 0;
  let error: AppError | null = null;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      size += piece.length;
      if (size <= most) return controller.enqueue(piece);
      error = tooLarge();
      throw error;
    },
  });
  const { url, method, headers, signal } = request;
  const limited = new Request(url, {
    method,
    headers,
    signal,
    body: request.body.pipeThrough(counted),
    // Node's fetch asks for it with every stream.
    duplex: 'half',
  } as RequestInit);
  return { request: limited, exceeded: () => error };
}

/** The body as JSON. Throws AppError `bad_request` where it is none. */
export async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad_request', 'The request body is not valid JSON.');
  }
}

import { ZodError } from 'zod';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors.ts';
import { formatBytes } from '../format-bytes.ts';
import { log } from '../log.ts';

/** Answers with JSON. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, { ...init, headers: { 'cache-control': 'private, no-store', ...init.headers } });
}

/** The answer to an error: its own words where they are written for people, and none of ours otherwise. */
export function errorResponse(error: unknown): Response {
  if (error instanceof AppError) return errorJson(error.code, error.message);
  if (error instanceof ZodError) {
    const message = error.issues
      .map((issue) => `${issue.path.join('.') || 'Request body'}: ${issue.message}`)
      .join(' ');
    return errorJson('bad_request', message);
  }
  log('http').error({ error: error instanceof Error ? error.stack : String(error) }, 'A request failed.');
  return errorJson('internal', 'An unexpected error occurred. See the server log for the cause.');
}

function errorJson(code: ErrorCode, message: string): Response {
  return json({ error: { code, message } }, { status: ERROR_STATUS[code] });
}

type Context<Params> = { params: Promise<Params> };

/** Wraps a route handler: gives it the path's parameters, and turns what it throws into an answer. */
export function route<Params = Record<string, never>>(
  handler: (request: Request, params: Params) => Promise<Response>,
): (request: Request, context: Context<Params>) => Promise<Response> {
  return async (request, context) => {
    try {
      return await handler(request, await context.params);
    } catch (error) {
      return errorResponse(error);
    }
  };
}

/** An id in a path. Throws AppError `not_found` for what is no 32-bit id. */
export function parseId(text: string): number {
  const id = Number(/^\d+/.exec(text)?.[0] ?? Number.NaN);
  if (!Number.isInteger(id) || id < 1 || id > 0x7fffffff) throw new AppError('not_found', 'Not found.');
  return id;
}

/** The body as bytes. Throws AppError `too_large` as soon as it has more than `most`. */
export async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size > most) throw new AppError('too_large', `The request body may be at most ${formatBytes(most)}.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The body as JSON. Throws AppError `bad_request` where it is none. */
export async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new AppError('bad_request', 'The request body is not valid JSON.');
  }
}

import { ZodError } from 'zod';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors.ts';
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

import { ZodError } from 'zod';
import { DATABASE_AWAY, isDatabaseOutage } from '../db/index.ts';
import { DISK_FULL, isDiskFull } from '../disk-full.ts';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors.ts';
import { log } from '../log.ts';

/** For what is away and comes back by itself. */
export const RETRY_AFTER_SECONDS = 5;

/** Answers with JSON. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, { ...init, headers: { 'cache-control': 'private, no-store', ...init.headers } });
}

/** The answer to an error: its own words where they are written for people, and none of ours otherwise. */
export function errorResponse(error: unknown): Response {
  if (error instanceof AppError) return errorJson(error.code, error.message, error.retryAfter);
  if (error instanceof ZodError) {
    const message = error.issues
      .map((issue) => `${issue.path.join('.') || 'Request body'}: ${issue.message}`)
      .join(' ');
    return errorJson('bad_request', message);
  }
  if (isDatabaseOutage(error)) {
    log('http').warn({ error: (error as Error).message }, 'A request failed because the database is not available.');
    return errorJson('unavailable', DATABASE_AWAY);
  }
  if (isDiskFull(error)) {
    log('http').error({ error: (error as Error).message }, 'A request failed because the disk is full.');
    return errorJson('no_room', DISK_FULL);
  }
  log('http').error({ error: error instanceof Error ? error.stack : String(error) }, 'A request failed.');
  return errorJson('internal', 'An unexpected error occurred. See the server log for the cause.');
}

/** The answer to an address whose path cannot be read (`readPath`). */
export function unreadableAddress(): Response {
  return errorJson('bad_request', 'This address has a percent encoding that cannot be read. Check the link.');
}

/** The answer to a method that a path does not have. */
export function methodNotAllowed(allowed: readonly string[]): Response {
  const response = errorJson('method_not_allowed', `This address only takes ${allowed.join(', ')}.`);
  response.headers.set('allow', allowed.join(', '));
  return response;
}

function errorJson(code: ErrorCode, message: string, retryAfter: number | null = null): Response {
  const seconds = retryAfter ?? (code === 'unavailable' ? RETRY_AFTER_SECONDS : null);
  const headers: HeadersInit = seconds === null ? {} : { 'retry-after': String(seconds) };
  return json({ error: { code, message } }, { status: ERROR_STATUS[code], headers });
}

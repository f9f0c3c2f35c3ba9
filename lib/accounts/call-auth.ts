import { isAPIError } from 'better-auth/api';
import { AppError } from '../errors.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './person.ts';

/** What takes a fresh session says this to an older one. */
export const NOT_FRESH = 'Sign out and in again first: this takes a sign-in within the last hour.';

/** What better-auth refuses, in this service's words; of other refusals its own message is shown. */
const WORDS: Readonly<Record<string, string>> = {
  PASSWORD_TOO_SHORT: `Use at least ${MIN_PASSWORD_LENGTH} characters for the password.`,
  PASSWORD_TOO_LONG: `Use at most ${MAX_PASSWORD_LENGTH} characters for the password.`,
  SESSION_NOT_FRESH: NOT_FRESH,
  INVALID_PASSWORD: 'The current password is not correct.',
};

/** A refusal of better-auth, in this service's words where it has any. */
export function wordsOf(code: string | undefined, message: string | undefined): string {
  return WORDS[code ?? ''] ?? message ?? 'The request was refused.';
}

/** Waits for a call of better-auth. Throws AppError where it refuses. */
export async function callAuth<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error;
    throw new AppError('bad_request', wordsOf(error.body?.code, error.body?.message), { cause: error });
  }
}

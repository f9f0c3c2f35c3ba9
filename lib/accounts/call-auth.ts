import { isAPIError } from 'better-auth/api';
import { AppError } from '../errors.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './person.ts';

/** What better-auth refuses, in this service's words; of other refusals its own message is shown. */
const WORDS: Readonly<Record<string, string>> = {
  PASSWORD_TOO_SHORT: `Use at least ${MIN_PASSWORD_LENGTH} characters for the password.`,
  PASSWORD_TOO_LONG: `Use at most ${MAX_PASSWORD_LENGTH} characters for the password.`,
  INVALID_PASSWORD: 'The current password is not correct.',
};

/** Waits for a call of better-auth. Throws AppError where it refuses. */
export async function callAuth<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error;
    const { code = '', message } = error.body ?? {};
    throw new AppError('bad_request', WORDS[code] ?? message ?? 'The request was refused.', { cause: error });
  }
}

import { isAPIError } from 'better-auth/api';
import { AppError } from '../errors.ts';

/** What better-auth refuses, in this service's words; of other refusals its own message is shown. */
const WORDS: Readonly<Record<string, string>> = {
  PASSWORD_TOO_SHORT: 'Use at least 8 characters for the password.',
  PASSWORD_TOO_LONG: 'Use at most 256 characters for the password.',
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

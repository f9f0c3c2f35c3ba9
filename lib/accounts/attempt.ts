import { AppError } from '../errors.ts';
import { clientOf } from '../proxies/index.ts';
import type { Guarded } from './attempts.ts';
import { guard } from './guard.ts';

/**
 * Does something that can be guessed at, as one attempt from the address that sends `headers`. It counts as failed where
 * `use` refuses with `bad_request`. Throws AppError `too_many` after too many of those.
 */
export async function attempt<T>(
  act: Guarded,
  { headers, account }: { headers: Headers; account?: string },
  use: () => Promise<T>,
): Promise<T> {
  const { address } = clientOf(headers);
  const counted = await guard(act, { address, ...(account !== undefined && { account }) });
  try {
    const result = await use();
    await counted.passed();
    return result;
  } catch (error) {
    const wrong = error instanceof AppError && error.code === 'bad_request';
    if (wrong) await counted.failed(act === 'password' ? 'wrong-password' : 'wrong-code');
    else await counted.passed();
    throw error;
  }
}

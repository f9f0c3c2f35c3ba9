import { buffer } from 'node:stream/consumers';
import type { z } from 'zod';
import { RemoteError } from './errors.ts';
import { ANSWER_LIMITS, MAX_ANSWER_BYTES } from './limits.ts';
import { type OpenOptions, openRemote, type RemoteAnswer } from './open.ts';
import { statusError } from './status.ts';

export type ReadOptions = Omit<OpenOptions, 'limits' | 'maxBytes'> & {
  limits?: OpenOptions['limits'];
  maxBytes?: number;
};

/** Reads a small answer whole. Throws RemoteError, and so for every status but 200. */
export async function readRemote(
  address: string,
  options: ReadOptions,
): Promise<Pick<RemoteAnswer, 'url' | 'headers'> & { bytes: Buffer }> {
  const answer = await openRemote(address, { limits: ANSWER_LIMITS, maxBytes: MAX_ANSWER_BYTES, ...options });
  const { url, headers, status, body } = answer;
  if (status !== 200) {
    body.destroy();
    throw statusError(answer);
  }
  return { url, headers, bytes: await buffer(body) };
}

/** Reads what an API says. Throws RemoteError, `unknown-answer` where it is not what `schema` has. */
export async function readRemoteJson<Schema extends z.ZodType>(
  address: string,
  schema: Schema,
  options: ReadOptions,
): Promise<{ data: z.infer<Schema>; headers: RemoteAnswer['headers'] }> {
  const { bytes, url, headers } = await readRemote(address, {
    ...options,
    headers: { accept: 'application/json', ...options.headers },
  });
  const unknown = (cause: unknown) =>
    new RemoteError('unknown-answer', `${url.host} answered something that this version does not understand.`, {
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw unknown(error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unknown(parsed.error);
  return { data: parsed.data, headers };
}

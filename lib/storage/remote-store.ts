import { setTimeout as wait } from 'node:timers/promises';
import { errorMessageOf } from '../error-answer.ts';
import { AppError } from '../errors.ts';

/** The store of a web server elsewhere, over its `/api/blobs`. */
export interface RemoteStore {
  /** Size in bytes. Throws AppError. */
  sizeOf(sha256: string, signal?: AbortSignal): Promise<number>;
  /**
   * Writes what follows the first `offset` bytes, piece by piece with the place of each, from the beginning where the
   * server does not send a part. Throws AppError, and what the network throws when the line is cut.
   */
  download(
    sha256: string,
    offset: number,
    write: (piece: Uint8Array, at: number) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Sends a picture. Returns its digest. Throws AppError. */
  put(sha256: string, bytes: Uint8Array): Promise<string>;
}

const TRIES = 5;
const FIRST_WAIT_MS = 500;

/** Reaches the store of the web server at `url` with an API token of the scope `worker`. */
export function openRemoteStore({ url, token }: { url: string; token: string }): RemoteStore {
  const addressOf = (sha256: string) => new URL(`/api/blobs/${sha256}`, url);
  const authorization = `Bearer ${token}`;

  async function ask(sha256: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', authorization);
    // Compressed on the way, a range would be of other bytes.
    headers.set('accept-encoding', 'identity');
    const response = await fetch(addressOf(sha256), { ...init, headers });
    if (response.ok || response.status === 416) return response;
    const message = await reasonOf(response);
    if (response.status === 401 || response.status === 403)
      throw new AppError('forbidden', `The store at ${url} rejected the token of this worker: ${message}`);
    if (response.status === 404) throw new AppError('not_found', `The store at ${url} does not have this file.`);
    throw new AppError('unavailable', `The store at ${url} answered ${response.status}: ${message}`);
  }

  return {
    async sizeOf(sha256, signal) {
      // Of one byte, because servers leave the length of a whole stream out, and none leaves it out of a range.
      const response = await withRetries(
        () => ask(sha256, { headers: { range: 'bytes=0-0' }, signal: signal ?? null }),
        signal,
      );
      await response.body?.cancel();
      const size = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
      if (size === undefined) throw new AppError('unavailable', `The store at ${url} did not send the file size.`);
      return Number(size);
    },
    async download(sha256, offset, write, signal) {
      const headers = new Headers(offset > 0 ? { range: `bytes=${offset}-` } : {});
      const response = await ask(sha256, { headers, signal: signal ?? null });
      // All of it is here already.
      if (response.status === 416) return;
      let at = response.status === 206 ? offset : 0;
      for await (const piece of response.body ?? []) {
        await write(piece, at);
        at += piece.length;
      }
    },
    async put(sha256, bytes) {
      const body = new Uint8Array(bytes);
      await withRetries(() => ask(sha256, { method: 'PUT', body }));
      return sha256;
    },
  };
}

/** Tries again what failed for a reason that passes: the line was cut, the server was starting. */
export async function withRetries<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const passes = !(error instanceof AppError) || error.code === 'unavailable';
      if (!passes || attempt === TRIES) throw error instanceof AppError ? error : unreachable(error);
      await wait(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, signal === undefined ? {} : { signal });
    }
  }
}

function unreachable(error: unknown): AppError {
  const cause = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
  return new AppError('unavailable', `The store cannot be reached (${cause}).`, { cause: error });
}

async function reasonOf(response: Response): Promise<string> {
  return errorMessageOf(await response.text().catch(() => '')) ?? response.statusText;
}

import { checkSidecar, MAX_SIDECAR_BYTES, readSidecarName } from '#scanner/sidecars/index.ts';
import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { log } from '../log.ts';
import { RemoteError, readRemote } from '../safe-fetch/index.ts';
import { storeSidecar } from '../sidecars/index.ts';
import type { Asking } from './sources/index.ts';

/**
 * Keeps what lies beside a model at its source as its companion files. One that does not come, or is not what its name
 * says, is one less: the model is there.
 */
export async function keepCompanions(
  actor: Actor,
  fileId: number,
  companions: readonly { url: string; filename: string }[],
  { asking, signal }: { asking: Asking; signal: AbortSignal },
): Promise<void> {
  for (const { url, filename } of companions) {
    signal.throwIfAborted();
    const name = readSidecarName(filename);
    if (name === null) continue;
    const origin = new URL(url).origin;
    const credential = Object.values(asking.credentials).find((one) => one?.origin === origin) ?? null;
    const read = await readRemote(url, { ...asking.read, credential, maxBytes: MAX_SIDECAR_BYTES }).catch(
      (error: unknown) => {
        if (error instanceof RemoteError) return { failure: error.message };
        throw error;
      },
    );
    const mediaType = 'failure' in read ? null : checkSidecar(name.kind, read.bytes);
    if ('failure' in read || mediaType === null) {
      const error = 'failure' in read ? read.failure : 'The file does not contain what its name says.';
      log('remote').info({ fileId, filename, error }, 'A companion file of an imported model was left out.');
      continue;
    }
    const content = read.bytes;
    await db().$transaction((tx) => storeSidecar(tx, { filename, mediaType, content, ownerId: actor.id, fileId }));
  }
}

import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { enqueue, recoverLost } from '../queue/index.ts';
import { checkUrl, RemoteError } from '../safe-fetch/index.ts';
import { dropIncoming } from '../uploads/index.ts';
import { changeImport, OPEN_STATES } from './change-import.ts';
import { withoutQuery } from './public-address.ts';
import { parseSource } from './sources/index.ts';

/** Most imports of one person that have not ended. */
const MAX_OPEN = 100;

export const DISABLED =
  'Imports from links are turned off. An administrator can allow hosts with WEIGHHOUSE_IMPORT_HOSTS.';

/** Queues an import from a link. Throws AppError where the link is none, or where its host is not allowed. */
export async function requestRemoteImport(actor: Actor | null, source: string): Promise<{ id: number }> {
  authorize(actor, 'upload.create');
  const { remote } = config();
  if (remote.hosts.isEmpty) throw new AppError('forbidden', DISABLED);
  try {
    const parsed = parseSource(source, remote);
    checkUrl(parsed.kind === 'url' ? parsed.url : remote[parsed.kind], remote.hosts);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    throw new AppError(error.fault === 'host-not-allowed' ? 'forbidden' : 'bad_request', error.message, {
      cause: error,
    });
  }
  return await db().$transaction(async (tx) => {
    const open = await tx.remoteImport.count({
      where: { ownerId: actor.id, state: { in: ['queued', 'running', 'waiting'] } },
    });
    if (open >= MAX_OPEN)
      throw new AppError(
        'conflict',
        `You already have ${open} imports that have not ended. Wait for them or cancel some.`,
      );
    const { id } = await tx.remoteImport.create({ data: { ownerId: actor.id, source }, select: { id: true } });
    await audit(tx, {
      actor: actor.id,
      action: 'remote.request',
      subject: 'remote',
      subjectId: id,
      after: { source: withoutQuery(source) },
    });
    await enqueue('remote', { importId: id }, { tx });
    await publish(tx, { kind: 'remote', importId: id, ownerId: actor.id });
    return { id };
  });
}

/** Stops an import and drops what is there of files that are not whole. Throws AppError. */
export async function cancelRemoteImport(actor: Actor | null, id: number): Promise<void> {
  await requireOwn(actor, id);
  const changed = await changeImport(id, 'cancelled', { actor: actor?.id ?? 'system', message: null });
  if (!changed) throw new AppError('conflict', 'This import has already ended.');
  await dropUnfinished(id, 'The import was cancelled.');
}

/** Starts an import again that failed or was cancelled, or that waits for its next try. Throws AppError. */
export async function retryRemoteImport(actor: Actor | null, id: number): Promise<void> {
  await requireOwn(actor, id);
  if (config().remote.hosts.isEmpty) throw new AppError('forbidden', DISABLED);
  const changed = await changeImport(
    id,
    'queued',
    { actor: actor?.id ?? 'system', message: null, failures: 0, notBefore: null },
    {
      from: (state) => state === 'failed' || state === 'cancelled' || state === 'waiting',
      also: async (tx) => {
        await tx.remoteFile.updateMany({
          where: { importId: id, state: { not: 'done' } },
          data: { state: 'queued', message: null },
        });
        await enqueue('remote', { importId: id }, { tx });
      },
    },
  );
  if (!changed) throw new AppError('conflict', 'This import cannot be started again.');
}

/** Drops the bytes of files that are not whole. A running import notices that it has ended, and ends its requests. */
export async function dropUnfinished(importId: number, why: string): Promise<void> {
  const files = await db().remoteFile.findMany({
    where: { importId, state: { not: 'done' }, uploadId: { not: null } },
    select: { id: true, uploadId: true },
  });
  for (const { id, uploadId } of files) {
    if (uploadId !== null) await dropIncoming(uploadId, why);
    await db().remoteFile.update({ where: { id }, data: { uploadId: null, validator: null } });
  }
}

async function requireOwn(actor: Actor | null, id: number): Promise<void> {
  authorize(actor, 'upload.create');
  const row = await db().remoteImport.findUnique({ where: { id }, select: { ownerId: true } });
  // Somebody else's looks like none at all.
  if (row?.ownerId !== actor.id) throw new AppError('not_found', 'Import not found.');
}

/** Queues imports again whose jobs were lost, and drops what ended ones left. Returns how many were queued. */
export async function recoverRemoteImports(now = new Date()): Promise<number> {
  return await recoverLost(
    {
      kind: 'remote',
      find: (before) =>
        db().remoteImport.findMany({
          where: { state: { in: OPEN_STATES }, createdAt: { lt: before } },
          select: { id: true },
        }),
      payloadOf: ({ id }) => ({ importId: id }),
    },
    now,
  );
}

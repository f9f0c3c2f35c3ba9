import { type AccountAction, type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../queue/index.ts';
import { requireSeen } from './seen.ts';
import { changeFileState, hasNoVerdict, lockFile, mayDisarm, mayRetry, passesGate } from './states.ts';

/**
 * Has a suspicious or dangerous file converted all the same: its tensors are written out as safetensors, and what
 * would run on loading stays behind in quarantine.
 */
export async function disarmFile(actor: Actor | null, fileId: number): Promise<void> {
  const { id } = requirePermission(actor, 'file.disarm');
  await db().$transaction(async (tx) => {
    const file = await lockFile(tx, fileId);
    requireSeen(actor, file.version.model, 'File');
    if (file.conversion === 'converted')
      throw new AppError('conflict', 'This file is already converted to safetensors.');
    if (!mayDisarm(file)) {
      throw new AppError('conflict', `Only suspicious or dangerous files can be disarmed. This file is ${file.state}.`);
    }
    await tx.modelFile.update({ where: { id: fileId }, data: { disarmedById: id, disarmedAt: new Date() } });
    await changeFileState(tx, fileId, { conversion: 'queued', conversionReason: null, actor: id });
    await audit(tx, {
      actor: id,
      action: 'file.disarm',
      subject: 'file',
      subjectId: fileId,
      before: { state: file.state },
    });
    await enqueue('ingest', { fileId }, { tx });
  });
}

/** Runs the stages again that a limit or a crash cut short, or a conversion that failed. */
export async function retryFile(actor: Actor | null, fileId: number): Promise<void> {
  await db().$transaction(async (tx) => {
    const file = await lockFile(tx, fileId);
    requireSeen(actor, file.version.model, 'File');
    const { id } = requirePermission(actor, 'file.retry', file.version.model.ownerId);
    if (!mayRetry(file)) throw new AppError('conflict', 'No stage of this file failed, so there is nothing to retry.');
    if (file.conversion === 'not_convertible') {
      const conversion = passesGate(file) ? 'queued' : 'none';
      await changeFileState(tx, fileId, { conversion, conversionReason: null, actor: id });
    }
    await audit(tx, { actor: id, action: 'file.retry', subject: 'file', subjectId: fileId });
    await enqueue('ingest', { fileId }, { tx });
  });
}

/** Has the numbers of a file's tensors read, behind fresh uploads: the whole file is read for it. */
export async function measureFile(actor: Actor | null, fileId: number): Promise<void> {
  const { id } = requirePermission(actor, 'file.measure');
  await db().$transaction(async (tx) => {
    const { state, version } = await lockFile(tx, fileId);
    requireSeen(actor, version.model, 'File');
    if (hasNoVerdict(state) || state === 'malformed')
      throw new AppError('conflict', 'The tensors of this file cannot be read, so statistics cannot be computed.');
    await enqueue('ingest', { fileId, measure: true }, { tx, priority: -1 });
    await audit(tx, { actor: id, action: 'file.measure', subject: 'file', subjectId: fileId });
  });
}

function requirePermission(actor: Actor | null, action: AccountAction, ownerId?: string | null): Actor {
  authorize(actor, action, ownerId);
  return actor;
}

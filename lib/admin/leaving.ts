import { z } from 'zod';
import { type Actor, authorize, disableUser, removeUser } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { deleteModel } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { cancelMerge } from '../merges/index.ts';
import { deleteUploads } from '../uploads/index.ts';

/** What becomes of the models of somebody who leaves: another account takes them over, or they are deleted. */
export const MODELS_CHOICE = z.union([
  z.literal('keep'),
  z.literal('delete'),
  z.strictObject({ transferTo: z.string().min(1) }),
]);
export type ModelsChoice = z.infer<typeof MODELS_CHOICE>;

/** Disables an account at once, and then does what is said with its models; `keep` leaves them under its name. */
export async function disableAccount(actor: Actor | null, userId: string, models: ModelsChoice): Promise<void> {
  authorize(actor, 'users.manage');
  await checkTarget(userId, models);
  await disableUser(actor, userId);
  await settleModels(actor, userId, models);
}

/**
 * Removes an account. `models` says what becomes of its models and may only be `keep` where it owns none. The account is
 * disabled first, so that nothing is added meanwhile; after an interruption it can be removed again.
 */
export async function removeAccount(actor: Actor | null, userId: string, models: ModelsChoice): Promise<void> {
  authorize(actor, 'users.manage');
  const owned = await db().model.count({ where: { ownerId: userId } });
  if (models === 'keep' && owned > 0) {
    const count = owned === 1 ? '1 model' : `${owned} models`;
    throw new AppError('conflict', `This account owns ${count}. Say whether to transfer or to delete them.`);
  }
  await checkTarget(userId, models);
  await disableUser(actor, userId);
  await cancelMerges(actor, userId);
  await deleteUploads(userId);
  await settleModels(actor, userId, models);
  await removeUser(actor, userId);
}

/** Gives all models of one account to another, with their companion files and merges. Returns how many models. */
export async function transferModels(actor: Actor | null, fromId: string, toId: string): Promise<number> {
  authorize(actor, 'users.manage');
  await checkTarget(fromId, { transferTo: toId });
  await cancelMerges(actor, fromId);
  return db().$transaction(async (tx) => {
    // An account that is removed at this moment waits, or is gone.
    const locked = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM "user" WHERE id IN (${fromId}, ${toId}) ORDER BY id FOR UPDATE`;
    if (locked.length < 2) throw new AppError('not_found', 'User not found.');
    const models = await tx.model.findMany({ where: { ownerId: fromId }, select: { id: true } });
    await tx.model.updateMany({ where: { ownerId: fromId }, data: { ownerId: toId } });
    await tx.sidecar.updateMany({ where: { ownerId: fromId }, data: { ownerId: toId } });
    await tx.merge.updateMany({ where: { ownerId: fromId }, data: { ownerId: toId } });
    await audit(tx, {
      actor: actor.id,
      action: 'user.transfer-models',
      subject: 'user',
      subjectId: fromId,
      after: { to: toId, models: models.map(({ id }) => id) },
    });
    return models.length;
  });
}

async function settleModels(actor: Actor, userId: string, models: ModelsChoice): Promise<void> {
  if (models === 'keep') return;
  if (models !== 'delete') {
    await transferModels(actor, userId, models.transferTo);
    return;
  }
  for (const { id } of await db().model.findMany({ where: { ownerId: userId }, select: { id: true } })) {
    await deleteModel(actor, id);
  }
}

/** Before anything is changed: both accounts exist, and who takes the models can work with them. */
async function checkTarget(userId: string, models: ModelsChoice): Promise<void> {
  const find = (id: string) => db().user.findUnique({ where: { id }, select: { disabledAt: true } });
  if ((await find(userId)) === null) throw new AppError('not_found', 'User not found.');
  if (models === 'keep' || models === 'delete') return;
  if (models.transferTo === userId) throw new AppError('bad_request', 'Select another account to take the models.');
  const target = await find(models.transferTo);
  if (target === null) throw new AppError('not_found', 'The account that is to take the models was not found.');
  if (target.disabledAt !== null)
    throw new AppError('conflict', 'The account that is to take the models is disabled. Select another one.');
}

async function cancelMerges(actor: Actor, userId: string): Promise<void> {
  const open = await db().merge.findMany({
    where: { ownerId: userId, state: { in: ['queued', 'running'] } },
    select: { id: true },
  });
  for (const { id } of open) {
    await cancelMerge(actor, id).catch((error: unknown) => {
      // It ended by itself meanwhile.
      if (!(error instanceof AppError && error.code === 'conflict')) throw error;
    });
  }
}

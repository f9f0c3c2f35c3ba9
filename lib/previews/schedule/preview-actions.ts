import { type Actor, authorize, can } from '../../accounts/index.ts';
import { requireVisible } from '../../catalog/index.ts';
import { config } from '../../config.ts';
import { db } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { listProfileIds } from '../plan/index.ts';
import { changePreview, lockPreview } from '../queue/index.ts';
import { findProfile } from '../settings/index.ts';
import { loadSubject } from './load-subject.ts';
import { planModel } from './plan-model.ts';

/** Has a model's newest file rendered again, by the profile as it is now. Throws AppError. */
export async function renderAgain(actor: Actor | null, modelId: number, reason: string): Promise<void> {
  const model = await db().model.findUnique({ where: { id: modelId }, select: { published: true, ownerId: true } });
  requireVisible(actor, model, 'model');
  authorize(actor, 'preview.render', model.ownerId);
  if (config().previews === 'off') throw new AppError('conflict', 'Previews are disabled on this server.');
  const loaded = await loadSubject(modelId);
  if (loaded === null) throw new AppError('conflict', 'The preview is rendered after the file is converted.');
  await planModel(modelId);
  const profile = await findProfile(listProfileIds(loaded.subject));
  await db().$transaction(async (tx) => {
    const key = { sha256: loaded.sha256, profileId: profile.id, profileVersion: profile.version };
    const found = await tx.preview.findUnique({
      where: { sha256_profileId_profileVersion: key },
      select: { id: true },
    });
    const row = found === null ? null : await lockPreview(tx, found.id);
    if (row === null) throw new AppError('conflict', 'The file was just changed. Try again.');
    if (row.state === 'waiting_for_base' || row.state === 'not_applicable')
      throw new AppError('conflict', row.message ?? 'A preview of this model cannot be rendered.');
    // It waits or is being rendered already.
    if (row.state === 'queued' || row.state === 'rendering') return;
    await changePreview(tx, row, {
      state: 'queued',
      actor: actor.id,
      reason,
      attempt: 0,
      done: 0,
      code: null,
      message: null,
      queuedAt: new Date(),
    });
  });
}

/** Stops a preview that waits or is being rendered. Throws AppError `not_found`, and `conflict` where it has ended. */
export async function cancelPreview(actor: Actor | null, id: number): Promise<void> {
  await db().$transaction(async (tx) => {
    const row = await lockPreview(tx, id);
    const models =
      row === null
        ? []
        : await tx.model.findMany({
            where: { versions: { some: { files: { some: { convertedSha256: row.sha256 } } } } },
            select: { published: true, ownerId: true },
          });
    const model = models.find(({ ownerId }) => can(actor, 'preview.render', ownerId)) ?? models[0];
    requireVisible(actor, model, 'preview');
    authorize(actor, 'preview.render', model.ownerId);
    if (row === null) throw new AppError('not_found', 'Preview not found.');
    if (!['queued', 'waiting_for_base', 'rendering'].includes(row.state))
      throw new AppError('conflict', 'This preview has already ended.');
    await changePreview(tx, row, { state: 'cancelled', actor: actor.id, message: null });
  });
}

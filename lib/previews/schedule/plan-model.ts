import { BASES, labelOf } from '../../catalog/index.ts';
import { COMFY_BASES } from '../../comfyui/index.ts';
import { config } from '../../config.ts';
import { db, type Tx } from '../../db/index.ts';
import { enqueue } from '../../queue/index.ts';
import { PLAN, readPlan } from '../columns.ts';
import { isSamePlan, listProfileIds, type Planned, planPreview } from '../plan/index.ts';
import { changePreview, lockPreview, publishPreview, signalWorkers } from '../queue/index.ts';
import { findProfile, readPreviewSettings, rendererOf } from '../settings/index.ts';
import type { PreviewStateName } from '../types.ts';
import { chooseBase } from './choose-base.ts';
import { type LoadedSubject, loadSubject } from './load-subject.ts';

/**
 * Decides what is to be rendered of a model's newest converted file, and queues it. Running it again changes nothing
 * unless what it goes by has changed: type, base version, profile, renderer, reference checkpoint. Does nothing where
 * previews are off.
 */
export async function planModel(modelId: number): Promise<void> {
  if (config().previews === 'off') return;
  const loaded = await loadSubject(modelId);
  if (loaded === null) return;
  const { subject, sha256 } = loaded;
  const settings = await readPreviewSettings();
  const profile = await findProfile(listProfileIds(subject));
  const { reference, pairing } = await chooseBase(loaded, settings);
  const planned = planPreview(subject, {
    profile: profile.data,
    renderer: rendererOf(subject.base, settings),
    comfy: { isNamed: settings.comfyUrl !== null, hasWorkflow: COMFY_BASES.includes(subject.base) },
    baseLabel: labelOf(BASES, subject.base),
    own: { sha256, name: subject.name, prediction: subject.prediction },
    reference,
    pairing,
  });
  await db().$transaction(async (tx) => {
    // Deleted since it was looked at, it must not leave a preview behind that nobody could ever render.
    const [model] = await tx.$queryRaw<{ id: number }[]>`
      SELECT m.id FROM model m WHERE m.id = ${modelId} AND EXISTS (
        SELECT 1 FROM model_file f JOIN model_version v ON v.id = f."versionId"
         WHERE v."modelId" = m.id AND f."convertedSha256" = ${sha256}) FOR SHARE OF m`;
    if (model === undefined) return;
    const id = await savePlan(tx, loaded, profile, planned);
    // Rendered by another profile now, because it is of another type or base than it was taken for.
    await tx.preview.deleteMany({
      where: {
        sha256,
        id: { not: id },
        profileId: { not: profile.id },
        state: { in: ['queued', 'waiting_for_base', 'not_applicable'] },
        pictures: { none: {} },
      },
    });
    if (subject.type === 'checkpoint' && (await hasWaiting(tx, subject.base)))
      await enqueue('plan', { base: subject.base }, { tx });
  });
}

/** Enters the plan of a file, or brings the one that is there into step with it. Returns its id. */
async function savePlan(
  tx: Tx,
  { subject, sha256 }: LoadedSubject,
  profile: { id: string; version: number },
  planned: Planned,
): Promise<number> {
  const row = describe(planned, subject);
  const key = { sha256, profileId: profile.id, profileVersion: profile.version };
  const { count } = await tx.preview.createMany({
    data: [{ ...key, ...row, base: subject.base, endedAt: row.state === 'not_applicable' ? new Date() : null }],
    skipDuplicates: true,
  });
  const { id } = await tx.preview.findUniqueOrThrow({
    where: { sha256_profileId_profileVersion: key },
    select: { id: true },
  });
  if (count > 0) {
    if (row.state === 'queued') await signalWorkers(tx);
    await publishPreview(tx, id);
    return id;
  }
  const before = await lockPreview(tx, id);
  if (before !== null && isOutdated(before, planned))
    await changePreview(tx, before, {
      ...row,
      base: subject.base,
      done: 0,
      attempt: 0,
      code: null,
      queuedAt: new Date(),
    });
  return id;
}

function describe(planned: Planned, subject: LoadedSubject['subject']) {
  if (planned.kind !== 'tiles')
    return { state: planned.kind, message: planned.reason, plan: PLAN.write({ subject }), hostSha256: null, total: 0 };
  const { plan, tilePlan } = planned;
  return {
    state: 'queued' as const,
    message: null,
    plan: PLAN.write(plan),
    hostSha256: plan.host.sha256,
    renderer: plan.renderer,
    total: tilePlan.tiles.length,
  };
}

/** Whether what is there was planned by something else than what holds now. */
function isOutdated(
  before: { state: PreviewStateName; message: string | null; plan: unknown },
  planned: Planned,
): boolean {
  if (planned.kind !== 'tiles') {
    // What is rendered stays rendered when its base leaves the catalog.
    if (planned.kind === 'waiting_for_base') return ['queued', 'not_applicable'].includes(before.state);
    return before.state !== 'not_applicable' || before.message !== planned.reason;
  }
  if (before.state === 'waiting_for_base' || before.state === 'not_applicable') return true;
  const old = readPlan(before.plan);
  if (old === null || !isSamePlan(old, planned.plan)) return true;
  // Nobody has begun it: it may as well take the checkpoint that stands first now.
  return before.state === 'queued' && old.host.sha256 !== planned.plan.host.sha256;
}

async function hasWaiting(tx: Tx, base: string): Promise<boolean> {
  return (await tx.preview.count({ where: { base, state: 'waiting_for_base' } })) > 0;
}

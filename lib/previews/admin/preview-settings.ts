import { type Actor, authorize } from '../../accounts/index.ts';
import { audit } from '../../audit/index.ts';
import { BASES, labelOf } from '../../catalog/index.ts';
import { COMFY_BASES } from '../../comfyui/index.ts';
import { config } from '../../config.ts';
import { db } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { enqueue } from '../../queue/index.ts';
import type { SettingsPatch } from '../forms.ts';
import { ENGINE_BASES } from '../plan/index.ts';
import { type BaseCandidate, listBaseCandidates } from '../schedule/index.ts';
import { changePreviewSettings, readPreviewSettings, rendererOf, type StoredSettings } from '../settings/index.ts';
import type { PreviewSettings } from '../types.ts';

/** Base versions that something here can render. */
const RENDERED_BASES: readonly string[] = BASES.map(({ id }) => id).filter(
  (id) => ENGINE_BASES.includes(id) || COMFY_BASES.includes(id),
);

/** What the operator chose for previews, and what there is to choose from. Throws AppError. */
export async function getPreviewSettings(actor: Actor | null): Promise<PreviewSettings> {
  authorize(actor, 'previews.manage');
  const settings = await readPreviewSettings();
  return {
    mode: config().previews,
    comfyUrl: settings.comfyUrl,
    bases: await Promise.all(RENDERED_BASES.map((base) => describeBase(base, settings))),
  };
}

async function describeBase(base: string, settings: StoredSettings): Promise<PreviewSettings['bases'][number]> {
  const candidates = await listBaseCandidates(base, settings);
  const name = (one: BaseCandidate | undefined) =>
    one === undefined ? null : { id: one.modelId, slug: one.slug, name: one.name };
  return {
    base,
    renderer: rendererOf(base, settings),
    obstacle: obstacleOf(base, settings),
    reference: name(candidates.find(({ modelId }) => modelId === settings.references[base])),
    inUse: name(candidates[0]),
    candidates: candidates.map(({ modelId, name, downloads }) => ({ id: modelId, name, downloads })),
  };
}

function obstacleOf(base: string, settings: StoredSettings): string | null {
  if (rendererOf(base, settings) === 'engine')
    return ENGINE_BASES.includes(base) ? null : 'The built-in renderer does not support this base model.';
  if (!COMFY_BASES.includes(base)) return 'ComfyUI is not supported for this base model.';
  return settings.comfyUrl === null ? 'No ComfyUI address is set.' : null;
}

/**
 * Changes what the operator chose, and plans again what could not be rendered for want of it. Throws AppError
 * `conflict` where a reference checkpoint is of another base version, or none that adapters can be rendered on.
 */
export async function editPreviewSettings(actor: Actor | null, patch: SettingsPatch): Promise<void> {
  authorize(actor, 'previews.manage');
  const { reference, renderer, comfyUrl } = patch;
  for (const base of [reference?.base, renderer?.base])
    if (base !== undefined && !RENDERED_BASES.includes(base))
      throw new AppError('bad_request', `${labelOf(BASES, base)} cannot be rendered.`);
  if (reference !== undefined && reference.modelId !== null) await checkReference(reference.base, reference.modelId);
  if (renderer?.name === 'engine' && !ENGINE_BASES.includes(renderer.base))
    throw new AppError('conflict', `The built-in renderer does not support ${labelOf(BASES, renderer.base)}.`);
  await db().$transaction(async (tx) => {
    const { before, after } = await changePreviewSettings(tx, (settings) => ({
      references: reference === undefined ? settings.references : withReference(settings.references, reference),
      renderers:
        renderer === undefined ? settings.renderers : { ...settings.renderers, [renderer.base]: renderer.name },
      comfyUrl: comfyUrl === undefined ? settings.comfyUrl : comfyUrl,
    }));
    await audit(tx, {
      actor: actor.id,
      action: 'previews.settings',
      subject: 'setting',
      subjectId: 'previews',
      before: withoutSecrets(before),
      after: withoutSecrets(after),
    });
    const changed = comfyUrl === undefined ? [reference?.base, renderer?.base] : RENDERED_BASES;
    for (const base of new Set(changed)) if (base !== undefined) await enqueue('plan', { base }, { tx });
  });
}

function withReference(
  references: StoredSettings['references'],
  { base, modelId }: NonNullable<SettingsPatch['reference']>,
): StoredSettings['references'] {
  const { [base]: _, ...others } = references;
  return modelId === null ? others : { ...others, [base]: modelId };
}

async function checkReference(base: string, modelId: number): Promise<void> {
  const model = await db().model.findUnique({ where: { id: modelId }, select: { name: true, base: true, type: true } });
  if (model === null) throw new AppError('not_found', 'Model not found.');
  if (model.base !== base) {
    throw new AppError(
      'conflict',
      `“${model.name}” is ${labelOf(BASES, model.base)}. It cannot be the reference checkpoint of ${labelOf(BASES, base)}.`,
    );
  }
  const candidates = await listBaseCandidates(base, { references: { [base]: modelId }, renderers: {}, comfyUrl: null });
  if (!candidates.some((candidate) => candidate.modelId === modelId)) {
    throw new AppError(
      'conflict',
      `“${model.name}” cannot be a reference checkpoint. Select a published checkpoint that contains a UNet, text encoder and VAE and renders images from text.`,
    );
  }
}

/** A user and password may stand in an address; the audit log is no place for them. */
function withoutSecrets(settings: StoredSettings): StoredSettings {
  const { comfyUrl } = settings;
  if (comfyUrl === null) return settings;
  const url = new URL(comfyUrl);
  return { ...settings, comfyUrl: `${url.protocol}//${url.host}${url.pathname}` };
}

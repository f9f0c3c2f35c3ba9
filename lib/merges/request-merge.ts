import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { requireVisible } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { enqueue } from '../queue/index.ts';
import { requireQuota } from '../quotas/index.ts';
import { REQUEST } from './columns.ts';
import type { MergeForm, MergePart, StoredRequest } from './types.ts';

const HOSTS = ['checkpoint', 'diffusion-model'];

/**
 * Queues a merge of models of the catalog. Throws AppError where the person may not upload or see one of them, where a
 * model has no safetensors yet, and where their types or base versions do not go together.
 */
export async function requestMerge(actor: Actor | null, form: MergeForm): Promise<{ id: number }> {
  authorize(actor, 'upload.create');
  const parts: MergePart[] = [];
  const found: Found[] = [];
  for (const { id, ...part } of listParts(form)) {
    const model = await findSource(actor, id);
    checkType(model, part.role);
    found.push(model);
    parts.push({ ...part, modelId: id, name: model.name, sha256: model.sha256 });
  }
  checkBases(found.filter((_, index) => parts[index]?.role !== 'vae'));

  const request: StoredRequest = {
    dtype: form.dtype,
    weight: 'weight' in form ? form.weight : null,
    blocks: 'blocks' in form ? (form.blocks ?? null) : null,
    parts,
  };
  const { kind, name } = form;
  return await db().$transaction(async (tx) => {
    // How large it gets is known when it is done, and held to the quota then.
    await requireQuota(tx, actor.id, { bytes: 1, files: 1 });
    const { id } = await tx.merge.create({
      data: { ownerId: actor.id, kind, name, request: REQUEST.write(request) },
      select: { id: true },
    });
    const models = parts.map(({ role, modelId, name: model }) => ({ role, modelId, name: model }));
    await audit(tx, {
      actor: actor.id,
      action: 'merge.request',
      subject: 'merge',
      subjectId: id,
      after: { kind, name, models },
    });
    await enqueue('merge', { mergeId: id }, { tx });
    await publish(tx, { kind: 'merge', mergeId: id, ownerId: actor.id, progress: 0 });
    return { id };
  });
}

type Wanted = Pick<MergePart, 'role' | 'weight' | 'textWeight'> & { id: number };

function listParts(form: MergeForm): Wanted[] {
  const parts: Wanted[] = [];
  if ('a' in form) parts.push({ role: 'a', id: form.a });
  if ('b' in form) parts.push({ role: 'b', id: form.b });
  if ('c' in form) parts.push({ role: 'c', id: form.c });
  if ('loras' in form) {
    for (const { id, weight, textWeight } of form.loras)
      parts.push({ role: 'lora', id, weight, ...(typeof textWeight === 'number' ? { textWeight } : {}) });
  }
  if ('vae' in form && typeof form.vae === 'number') parts.push({ role: 'vae', id: form.vae });
  return parts;
}

interface Found {
  name: string;
  type: string;
  base: string;
  sha256: string;
}

/** The newest safetensors of a model: what people download of it. */
async function findSource(actor: Actor, id: number): Promise<Found> {
  const model = await db().model.findUnique({
    where: { id },
    select: {
      name: true,
      type: true,
      base: true,
      published: true,
      ownerId: true,
      versions: {
        orderBy: { id: 'desc' },
        select: { files: { orderBy: { id: 'desc' }, select: { convertedSha256: true } } },
      },
    },
  });
  requireVisible(actor, model, 'model');
  const sha256 = model.versions.flatMap(({ files }) => files).find((file) => file.convertedSha256)?.convertedSha256;
  if (!sha256) {
    throw new AppError(
      'conflict',
      `“${model.name}” has no safetensors file, so it cannot be merged. It may still be processed.`,
    );
  }
  return { name: model.name, type: model.type, base: model.base, sha256 };
}

function checkType({ name, type }: Found, role: MergePart['role']): void {
  if (type === 'unknown') return;
  if (
    role === 'vae' ? type === 'vae' || type === 'checkpoint' : role === 'lora' ? type === 'lora' : HOSTS.includes(type)
  )
    return;
  const wanted = { vae: 'a VAE', lora: 'a LoRA' }[role as string] ?? 'a checkpoint';
  throw new AppError('bad_request', `“${name}” has the type ${type}. Select ${wanted}.`);
}

/** What the catalog says. The merge itself looks into the files. */
function checkBases(models: readonly Found[]): void {
  const known = models.filter(({ base }) => base !== 'unknown');
  const [first] = known;
  const other = known.find(({ base }) => base !== first?.base);
  if (first === undefined || other === undefined) return;
  throw new AppError(
    'bad_request',
    `“${first.name}” is ${first.base} and “${other.name}” is ${other.base}. Only models with the same base model can be merged.`,
  );
}

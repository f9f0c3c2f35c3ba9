import { type ModelFileRef, RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { readCheckpointParts } from './checkpoint-parts.ts';
import { findCompanion, titleOf } from './companions.ts';
import type { Family } from './families.ts';
import { type FoundModel, provideModel } from './find-models.ts';
import { listModels } from './object-info.ts';
import type { ComfyLimits, ComfyOptions, ComfyRequest, Companion, ModelFolder } from './types.ts';
import type { WorkflowFiles } from './workflow.ts';

export interface RequestFiles {
  files: WorkflowFiles;
  notes: string[];
  release(): Promise<void>;
}

/**
 * Sees to it that the server has all that a request needs, and says what it calls each file. Throws RenderError; what was
 * put into the shared folder until then is released.
 */
export async function provideFiles(
  address: ComfyAddress,
  options: ComfyOptions,
  limits: ComfyLimits,
  family: Family,
  request: ComfyRequest,
  signal?: AbortSignal,
): Promise<RequestFiles> {
  const provided: FoundModel[] = [];
  const release = async () => {
    for (const one of provided) await one.release();
  };
  const provide = async (folder: ModelFolder, ref: ModelFileRef) => {
    const file = request.files.find(({ path }) => path === ref.path);
    if (!file) throw new RenderError('bad_request', `The request has no SHA-256 for ${ref.name}.`);
    const found = await provideModel(address, options, limits, folder, { ...file, name: ref.name }, signal);
    provided.push(found);
    return found.comfyName;
  };
  const notes: string[] = [];
  const companion = async (which: Companion, list: 'textEncoders' | 'vae') =>
    findCompanion(which, await listModels(address, list, limits.answer, signal), options.companions);

  try {
    const parts = request.parts ?? readCheckpointParts(request.checkpoint.path);
    const kind = parts.textEncoders || parts.vae ? 'checkpoint' : 'network';
    const textEncoders = parts.textEncoders ? null : await findEncoders(family, companion, notes);
    const needsVae = !parts.vae && (!request.vae || request.tiles.some((tile) => tile.usesGivenVae === false));
    const vae = needsVae ? await companion(family.vae, 'vae') : null;
    if (needsVae && vae === null) throw missingCompanions(address, family, [family.vae]);
    const comfyName = await provide(kind === 'checkpoint' ? 'checkpoints' : 'diffusion_models', request.checkpoint);
    const givenVae = request.vae ? await provide('vae', request.vae) : null;
    const loras: string[] = [];
    for (const lora of request.loras) loras.push(await provide('loras', lora));
    const embeddings: WorkflowFiles['embeddings'][number][] = [];
    for (const one of request.embeddings) {
      const name = await provide('embeddings', one);
      embeddings.push({ token: one.token, comfyName: name.replaceAll('\\', '/') });
    }
    notes.push(...provided.flatMap(({ note }) => note ?? []));
    return { files: { model: { kind, comfyName }, textEncoders, vae, givenVae, loras, embeddings }, notes, release };
  } catch (error) {
    await release();
    throw error;
  }

  async function findEncoders(
    { encoders, title }: Family,
    find: typeof companion,
    notes: string[],
  ): Promise<readonly string[]> {
    const found = await Promise.all(encoders.files.map((which) => find(which, 'textEncoders')));
    const missing = encoders.files.filter((_, index) => found[index] === null);
    // Stable Diffusion 3 was trained to do without its largest encoder.
    const isOptional = encoders.loader === 'TripleCLIPLoader' && missing.every((which) => which === 't5-xxl');
    if (missing.length > 0 && !isOptional) throw missingCompanions(address, family, missing);
    if (missing.length > 0)
      notes.push(`${title} was rendered without ${titleOf('t5-xxl')}, which ComfyUI does not have.`);
    return found.filter((name) => name !== null);
  }
}

function missingCompanions(address: ComfyAddress, family: Family, missing: readonly Companion[]): RenderError {
  const what = missing.map(titleOf).join(' and ');
  return new RenderError(
    'load_mismatch',
    `ComfyUI at ${address.shown} does not have the files that ${family.title} needs: ${what}. Add them to the models folder of ComfyUI, or set their names in the settings.`,
  );
}

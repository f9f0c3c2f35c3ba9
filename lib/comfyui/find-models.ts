import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RenderError } from '../render/index.ts';
import type { ComfyAddress } from './address.ts';
import { lastPart, placedName, withoutEnding } from './file-name.ts';
import { findListed } from './listed-model.ts';
import { listModels } from './object-info.ts';
import { placeModel } from './shared-folder.ts';
import type { ComfyFile, ComfyLimits, ComfyOptions, ModelFolder } from './types.ts';
import { findUploadMethod, uploadModel } from './upload-model.ts';

export interface FoundModel {
  /** As the server lists it. */
  comfyName: string;
  release(): Promise<void>;
  /** What people should know of how it was found. */
  note?: string;
}

const noop = async () => undefined;

/**
 * Sees to it that the server has a model, and says what it calls it: one that it lists already, else a link in the folder
 * that both share, else an upload. Throws RenderError with a sentence that says what can be done where none works.
 */
export async function provideModel(
  address: ComfyAddress,
  options: ComfyOptions,
  limits: ComfyLimits,
  folder: ModelFolder,
  file: ComfyFile & { name: string },
  signal?: AbortSignal,
): Promise<FoundModel> {
  const list = () => listModels(address, folder, limits.answer, signal);
  const listed = await list();
  if (file.comfyName !== undefined) {
    const wanted = withForwardSlashes(file.comfyName);
    const same = listed.find((name) => withForwardSlashes(name) === wanted);
    if (same !== undefined) return { comfyName: same, release: noop };
    throw new RenderError('load_mismatch', `ComfyUI at ${address.shown} does not list ${file.comfyName} in ${folder}.`);
  }
  const { size } = await stat(file.path).catch((error: unknown) => {
    throw new RenderError('bad_request', `The file of ${file.name} cannot be read.`, { cause: error });
  });
  const match = await findListed(address, folder, listed, { ...file, size }, limits.answer);
  if (match?.by === 'size') return { comfyName: match.name, release: noop };
  if (options.sharedFolder) {
    const { name, release } = await placeModel(options.sharedFolder, folder, file);
    try {
      const comfyName = await waitUntilListed(
        list,
        (one) => withForwardSlashes(one) === listedName(folder, name),
        limits.listing,
        signal,
      );
      if (comfyName !== null) return { comfyName, release };
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    throw new RenderError(
      'bad_request',
      `ComfyUI at ${address.shown} does not find the files in ${options.sharedFolder.path}. Use the server's own models folder, or a folder listed in its extra_model_paths.yaml.`,
    );
  }
  if (match?.by === 'placed') return { comfyName: match.name, release: noop };
  if (match?.by === 'name') {
    const note = `${match.name} was found in ComfyUI by name only: this ComfyUI version does not report file sizes.`;
    return { comfyName: match.name, release: noop, note };
  }
  return upload(address, options, limits, folder, file, list, signal);
}

async function upload(
  address: ComfyAddress,
  options: ComfyOptions,
  limits: ComfyLimits,
  folder: ModelFolder,
  file: ComfyFile & { name: string },
  list: () => Promise<readonly string[]>,
  signal?: AbortSignal,
): Promise<FoundModel> {
  const method = options.uploads ? await findUploadMethod(address, limits.answer) : null;
  if (method === null) {
    const uploadsNote = options.uploads
      ? ' and does not accept uploads (start it with --enable-assets to allow them)'
      : '';
    throw new RenderError(
      'bad_request',
      `ComfyUI at ${address.shown} does not have ${file.name}${uploadsNote}. Set WEIGHHOUSE_COMFYUI_MODELS to a folder that both can access: its models folder, or a folder listed in its extra_model_paths.yaml.`,
    );
  }
  await uploadModel(address, method, folder, file, { seconds: limits.answer, signal });
  const placed = listedName(folder, placedName(file));
  const comfyName = await waitUntilListed(list, (one) => lastPart(one) === placed, limits.listing, signal);
  if (comfyName === null)
    throw new RenderError('bad_request', `ComfyUI at ${address.shown} accepted ${file.name} but does not list it.`);
  return {
    comfyName,
    release: noop,
    note: `${file.name} was uploaded to ComfyUI and is kept there as ${comfyName}.`,
  };
}

/** Servers read their folders again when asked, but may see a network's a little later. */
async function waitUntilListed(
  list: () => Promise<readonly string[]>,
  matches: (listed: string) => boolean,
  seconds: number,
  signal?: AbortSignal,
): Promise<string | null> {
  const end = Date.now() + seconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const found = (await list()).find(matches);
    if (found !== undefined) return found;
    if (Date.now() >= end) return null;
    await sleep(pause, undefined, { signal });
  }
}

/** Embeddings are listed without their ending. */
function listedName(folder: ModelFolder, name: string): string {
  return folder === 'embeddings' ? withoutEnding(name) : name;
}

function withForwardSlashes(name: string): string {
  return name.replaceAll('\\', '/');
}

import { isModelName, modelEnding, UNFINISHED } from '#scanner/model-files.ts';
import { groupModelFiles, MODEL_INDEX, type MultiFileKind } from '#scanner/multi-file/client.ts';
import { modelStem, readSidecarName } from '#scanner/sidecars/client.ts';
import { formatBytes } from '../components/format.ts';

/** What a browser tells of a selected file; `path` begins with its folder where a folder was selected. */
export interface PickedFile {
  name: string;
  /** Bytes. */
  size: number;
  path: string;
}

/** A file that is not sent, and why. */
export interface PassedOver {
  path: string;
  reason: string;
}

/** A model in several files, with the path of each in it. */
export interface PickedModel<File> {
  name: string;
  layout: MultiFileKind;
  files: { file: File; path: string }[];
}

export interface Picked<File> {
  files: File[];
  models: PickedModel<File>[];
  passedOver: PassedOver[];
}

/** The folders of a pipeline's components that a `model_index.json` names; null where it is no such list. */
export function readComponents(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.entries(value)
      .filter(([, of]) => Array.isArray(of) && of.length === 2 && of[1] !== null)
      .map(([name]) => name);
  } catch {
    return null;
  }
}

/**
 * Which of the selected files are sent. One that was selected itself is sent whatever it is called; of a folder those whose
 * names are of model files, and the companion files of these. Shards and diffusers folders are one model each; `components`
 * are the folders that each `model_index.json` names, by its path.
 */
export function pickFiles<File extends PickedFile>(
  selected: readonly File[],
  maxBytes: number,
  components: ReadonlyMap<string, readonly string[] | null> = new Map(),
): Picked<File> {
  const picked: Picked<File> = { files: [], models: [], passedOver: [] };
  const single = takeModels(selected, maxBytes, components, picked);
  const models = new Set(
    single.filter(({ name }) => isModelFile(name)).map(({ name, path }) => `${folderOf(path)} ${modelStem(name)}`),
  );
  for (const file of single) {
    const reason = reasonAgainst(file, models, maxBytes);
    if (reason === null) picked.files.push(file);
    else picked.passedOver.push({ path: plainPath(file.path), reason });
  }
  return picked;
}

/** Takes the models in several files, and returns the rest. */
function takeModels<File extends PickedFile>(
  selected: readonly File[],
  maxBytes: number,
  components: ReadonlyMap<string, readonly string[] | null>,
  picked: Picked<File>,
): File[] {
  const byPath = new Map(selected.map((file) => [plainPath(file.path), file]));
  const taken = new Set<File>();
  for (const { kind, root, index, files } of groupModelFiles([...byPath.keys()])) {
    const prefix = root === '' ? '' : `${root}/`;
    const folders = components.get(prefix + MODEL_INDEX) ?? null;
    const paths =
      kind === 'shards'
        ? files
        : files.filter(
            (path) => path === MODEL_INDEX || (folders?.includes(path.split('/')[0] ?? '') && path.includes('/')),
          );
    const parts = paths.flatMap((path) => {
      const file = byPath.get(prefix + path);
      // Tokenizers have empty files.
      return file === undefined || file.size === 0 ? [] : [{ file, path }];
    });
    for (const path of paths) {
      const file = byPath.get(prefix + path);
      if (file !== undefined) taken.add(file);
    }
    // Files that were selected one by one have no folder to be called after.
    const own =
      kind === 'shards' ? /^(.+?)(?:\.(?:safetensors|bin)|-\d{5,})/.exec(index ?? files[0] ?? '')?.[1] : undefined;
    const isPlain = own === undefined || /^(?:model|pytorch_model|diffusion_pytorch_model)$/.test(own);
    const name = (isPlain ? root.split('/').at(-1) : own) || own || 'model';
    const large = parts.find(({ file }) => file.size > maxBytes);
    const reason =
      kind === 'diffusers' && folders === null
        ? 'The list of the files of this model cannot be read.'
        : large === undefined
          ? null
          : `${large.path} is larger than the upload limit of ${formatBytes(maxBytes)}.`;
    if (reason === null) picked.models.push({ name, layout: kind, files: parts });
    else picked.passedOver.push({ path: prefix + (index ?? files[0] ?? ''), reason });
  }
  return selected.filter((file) => !taken.has(file));
}

function reasonAgainst({ name, size, path }: PickedFile, models: ReadonlySet<string>, maxBytes: number): string | null {
  if (size === 0) return 'The file is empty.';
  if (size > maxBytes) return `Larger than the upload limit of ${formatBytes(maxBytes)}.`;
  const folder = folderOf(path);
  if (folder === '' || isModelFile(name)) return null;
  const unfinished = unfinishedDownload(name);
  if (unfinished !== undefined) return `This is ${unfinished}.`;
  const companion = readSidecarName(name);
  if (companion === null) {
    return modelEnding(name) === null
      ? 'Not a model file or a companion file.'
      : `Files that end in .${modelEnding(name)} are usually not models. Select it alone to upload it.`;
  }
  return models.has(`${folder} ${companion.stem}`) ? null : 'No model file with the same name in its folder.';
}

function isModelFile(name: string): boolean {
  return isModelName(name) && unfinishedDownload(name) === undefined;
}

function unfinishedDownload(name: string): string | undefined {
  return UNFINISHED.get(/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '');
}

/** The folder of a path; empty for a file that was selected itself, which browsers call `./name`. */
function folderOf(path: string): string {
  return plainPath(path).split('/').slice(0, -1).join('/');
}

function plainPath(path: string): string {
  return path.replace(/^\.?\//, '');
}

import { isModelName, modelEnding, UNFINISHED } from '#scanner/model-files.ts';
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

export interface Picked<File> {
  files: File[];
  passedOver: PassedOver[];
}

/**
 * Which of the selected files are sent. One that was selected itself is sent whatever it is called; of a folder those whose
 * names are of model files, and the companion files of these.
 */
export function pickFiles<File extends PickedFile>(selected: readonly File[], maxBytes: number): Picked<File> {
  const models = new Set(
    selected.filter(({ name }) => isModelFile(name)).map(({ name, path }) => `${folderOf(path)} ${modelStem(name)}`),
  );
  const picked: Picked<File> = { files: [], passedOver: [] };
  for (const file of selected) {
    const reason = reasonAgainst(file, models, maxBytes);
    if (reason === null) picked.files.push(file);
    else picked.passedOver.push({ path: file.path.replace(/^\.?\//, ''), reason });
  }
  return picked;
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
  return path
    .replace(/^\.?\//, '')
    .split('/')
    .slice(0, -1)
    .join('/');
}

import { join } from 'node:path';
import { FileError } from '../errors.ts';
import type { Finding } from '../report/index.ts';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, readTensorTable, type Tensor, type TensorTable } from '../tensors/index.ts';
import { MAX_TENSORS, quote } from './shard-index.ts';
import type { ModelFolder, ShardIndex, WeightFile } from './types.ts';

/** A file of the model, open for reading. */
interface OpenPart extends WeightFile {
  source: FileSource;
}

/** All weights of a model in several files as one table. Must be closed. */
export interface OpenModel extends Disposable {
  folder: ModelFolder;
  /** Names in a diffusers folder begin with the component. */
  table: TensorTable;
  /** The file that a tensor of the table lies in. */
  sourceOf(tensor: Tensor): FileSource;
  /** Of the folder, and of its tensors compared with the indexes. */
  findings: Finding[];
  /** Bytes of the files with weights. */
  bytes: number;
}

/** Opens every file with weights and reads its list of tensors, without their numbers. */
export function openModel(folder: ModelFolder): OpenModel {
  const opened: OpenPart[] = [];
  const close = () => {
    for (const { source } of opened) source.close();
  };
  try {
    for (const file of folder.weights) opened.push({ ...file, source: openFileSource(join(folder.root, file.path)) });
    return { ...readTables(folder, opened), folder, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

function readTables(
  folder: ModelFolder,
  parts: readonly OpenPart[],
): Pick<OpenModel, 'table' | 'sourceOf' | 'findings' | 'bytes'> {
  const whole = {
    tensors: [] as Tensor[],
    nonTensors: [] as TensorTable['nonTensors'],
    refused: [] as TensorTable['refused'],
    metadata: new Map<string, string>(),
    pickle: null,
  };
  const sources = new Map<Tensor, FileSource>();
  const findings: Finding[] = [...folder.findings];
  const places: Places = new Map();
  let total = 0;
  let isWhole = true;
  for (const { path, component, source } of parts) {
    let table: TensorTable;
    try {
      table = readTensorTable(source);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      isWhole = false;
      findings.push({
        rule: 'file/unreadable',
        severity: 'incomplete',
        message: `The tensors of ${quote(path)} cannot be read: ${error.message}`,
      });
      continue;
    }
    total += table.tensors.length + table.refused.length;
    if (total > MAX_TENSORS) {
      findings.push({
        rule: 'model/index',
        severity: 'incomplete',
        message: `The files have more than ${MAX_TENSORS} tensors. Not all were read.`,
      });
      isWhole = false;
      break;
    }
    const nameOf = nameIn(component);
    for (const tensor of table.tensors) {
      const own = { ...tensor, name: nameOf(tensor.name) };
      whole.tensors.push(own);
      sources.set(own, source);
      notePlace(places, component, tensor.name, path);
    }
    for (const { name, reason } of table.refused) {
      whole.refused.push({ name: nameOf(name), reason });
      notePlace(places, component, name, path);
    }
    whole.nonTensors.push(...table.nonTensors);
    if (folder.kind === 'shards') for (const [key, value] of table.metadata) whole.metadata.set(key, value);
  }
  findings.push(...findRepeated(places));
  for (const index of folder.indexes) findings.push(...compareWithIndex(index, parts, places, isWhole));
  for (const index of folder.indexes) {
    const size = isWhole && folder.missing.length === 0 ? sizeOf(index, whole.tensors, sources, parts) : null;
    if (size !== null && index.totalSize !== null && size !== index.totalSize)
      findings.push({
        rule: 'model/tensors',
        severity: 'note',
        message: `${quote(index.path)} says ${index.totalSize} bytes of tensors, but the files have ${size}.`,
      });
  }
  const sourceOf = (tensor: Tensor) => {
    const source = sources.get(tensor);
    if (source === undefined) throw new RangeError(`"${tensor.name}" is not of this model.`);
    return source;
  };
  return { table: whole, sourceOf, findings, bytes: parts.reduce((sum, { source }) => sum + source.size, 0) };
}

/** CLIP's text model, whose names transformers before 4.0 and from 5.6 on writes without what they begin with elsewhere. */
const BARE_TEXT = /^(?:embeddings\.(?:token_|position_)|encoder\.layers\.|final_layer_norm\.)/;

function nameIn(component: string | null): (name: string) => string {
  if (component === null) return (name) => name;
  const isText = component.startsWith('text_encoder');
  return (name) => `${component}.${isText && BARE_TEXT.test(name) ? 'text_model.' : ''}${name}`;
}

/** Files that have a tensor, by component and name. */
type Places = Map<string, string[]>;

const placeKey = (component: string | null, name: string) => (component === null ? name : `${component}\n${name}`);

function notePlace(places: Places, component: string | null, name: string, path: string): void {
  const key = placeKey(component, name);
  const known = places.get(key);
  if (known === undefined) places.set(key, [path]);
  else known.push(path);
}

function findRepeated(places: Places): Finding[] {
  const repeated = [...places].filter(([, paths]) => paths.length > 1);
  return report(
    repeated.map(([key, paths]) => `${nameOfKey(key)} in ${paths.slice(0, 3).join(' and ')}`),
    {
      severity: 'malformed',
      words: (count) => `${count} tensors are in more than one file, of which programs take different ones`,
    },
  );
}

function nameOfKey(key: string): string {
  return quote(key.slice(key.indexOf('\n') + 1));
}

function compareWithIndex(
  { path, fileOf }: ShardIndex,
  parts: readonly OpenPart[],
  places: Places,
  isWhole: boolean,
): Finding[] {
  const files = new Set(fileOf.values());
  const component = parts.find((part) => files.has(part.path))?.component ?? null;
  const present = new Set(parts.map((part) => part.path));
  const lacking: string[] = [];
  const elsewhere: string[] = [];
  for (const [name, file] of fileOf) {
    // A file that is missing was said already.
    if (!present.has(file)) continue;
    const found = places.get(placeKey(component, name)) ?? [];
    if (found.includes(file)) continue;
    if (found.length > 0) elsewhere.push(`${quote(name)} in ${found[0]}, not ${file}`);
    else if (isWhole) lacking.push(`${quote(name)} of ${file}`);
  }
  const extra: string[] = [];
  for (const [key, paths] of places) {
    if (!paths.some((one) => files.has(one))) continue;
    if (!fileOf.has(key.slice(key.indexOf('\n') + 1))) extra.push(`${nameOfKey(key)} in ${paths[0]}`);
  }
  return [
    ...report(lacking, { severity: 'incomplete', words: (count) => `${count} tensors of ${path} are missing` }),
    ...report(elsewhere, {
      severity: 'malformed',
      words: (count) => `${count} tensors are in another file than ${path} says`,
    }),
    ...report(extra, { severity: 'note', words: (count) => `${count} tensors are not in ${path}` }),
  ];
}

const SHOWN = 3;

function report(
  names: readonly string[],
  { severity, words }: { severity: Finding['severity']; words: (count: number) => string },
): Finding[] {
  if (names.length === 0) return [];
  const shown = `${names.slice(0, SHOWN).join('; ')}${names.length > SHOWN ? '…' : ''}`;
  return [{ rule: 'model/tensors', severity, message: `${words(names.length)}: ${shown}.` }];
}

/** Bytes of the tensors that an index is about. */
function sizeOf(
  { fileOf }: ShardIndex,
  tensors: readonly Tensor[],
  sources: ReadonlyMap<Tensor, FileSource>,
  parts: readonly OpenPart[],
): number {
  const files = new Set(fileOf.values());
  const own = new Set(parts.filter(({ path }) => files.has(path)).map(({ source }) => source));
  let size = 0;
  for (const tensor of tensors) {
    const source = sources.get(tensor);
    if (source === undefined || !own.has(source)) continue;
    size += tensor.shape.reduce((product, side) => product * side, 1) * DTYPE_BYTES[tensor.dtype];
  }
  return size;
}

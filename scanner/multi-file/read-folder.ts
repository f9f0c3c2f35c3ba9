import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { listClasses } from '../identify/index.ts';
import type { Finding } from '../report/index.ts';
import { readDiffusersFolder } from './diffusers-folder.ts';
import { ModelFolderError } from './errors.ts';
import { CONFIG, compareWeights, type IndexName, MODEL_INDEX, parseIndexName, parseShardName } from './file-names.ts';
import { groupModelFiles } from './group-files.ts';
import { readJsonFile } from './json-file.ts';
import { lookAt } from './safe-paths.ts';
import { readNumberedShards, readShards } from './shards.ts';
import type { FileGroup, ModelFolder } from './types.ts';

/** Bytes of it. */
const MAX_CONFIG = 1024 * 1024;

/** A model in several files by its group; `root` is its folder on the disk. Throws the system's error. */
export function readModelFolder(root: string, group: Pick<FileGroup, 'kind' | 'index' | 'files'>): ModelFolder {
  if (group.kind === 'diffusers') return readDiffusersFolder(root);
  const name = group.index === null ? null : parseIndexName(group.index);
  const { weights, index, missing, findings } =
    group.index === null || name === null
      ? readNumberedShards(root, group.files)
      : readShards(root, null, group.index, name);
  return {
    kind: 'shards',
    root,
    index: group.index,
    weights,
    indexes: index === null ? [] : [index],
    components: [],
    findings,
    missing,
    predictionType: null,
    classes: readClasses(root, findings),
  };
}

/**
 * The model in several files that a path names: a folder with a `model_index.json` or with the shards of one model, or an
 * index itself. Null where it is none. Throws ModelFolderError where a folder has several, and the system's error.
 */
export function findModelAt(path: string): { root: string; group: FileGroup } | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return findByIndex(path);
  if (!stats?.isDirectory()) return null;
  const names = readdirSync(path);
  if (names.includes(MODEL_INDEX))
    return { root: path, group: { kind: 'diffusers', root: '', index: MODEL_INDEX, files: [MODEL_INDEX] } };
  const groups = groupModelFiles(names)
    .map((group) => ({ group, facts: factsOf(group) }))
    .sort((a, b) => compareWeights(a.facts, b.facts));
  const [first, second] = groups;
  if (first === undefined) return null;
  // Variants of one model lie next to each other, and so do models.
  if (second !== undefined && second.facts.stem !== first.facts.stem && !isTwin(first.facts, second.facts))
    throw new ModelFolderError(
      `The folder has several models in several files. Name the index of one, for example ${first.group.index ?? second.group.index ?? ''}.`,
    );
  return { root: path, group: first.group };
}

function findByIndex(path: string): { root: string; group: FileGroup } | null {
  const name = basename(path);
  if (name === MODEL_INDEX) return findModelAt(dirname(path));
  if (parseIndexName(name) === null) return null;
  const root = dirname(path);
  const group = groupModelFiles(readdirSync(root)).find(({ index }) => index === name);
  return group === undefined ? null : { root, group };
}

function factsOf({ index, files }: FileGroup): IndexName {
  const own = index === null ? null : parseIndexName(index);
  if (own !== null) return own;
  const shard = parseShardName(files[0] ?? '');
  return { stem: shard?.stem ?? '', format: shard?.format ?? 'bin', variant: null };
}

/** `model.safetensors` and `pytorch_model.bin` are one model in two formats. */
function isTwin(a: IndexName, b: IndexName): boolean {
  return a.format !== b.format && [a, b].every(({ stem }) => stem === 'model' || stem === 'pytorch_model');
}

/** The configuration of transformers and diffusers beside shards. What cannot be read says nothing, and is said. */
function readClasses(root: string, findings: Finding[]): ModelFolder['classes'] {
  if (lookAt(root, CONFIG) !== 'file') return [];
  try {
    return listClasses(CONFIG, readJsonFile(join(root, CONFIG), CONFIG, MAX_CONFIG));
  } catch (error) {
    if (!(error instanceof ModelFolderError)) throw error;
    findings.push({ rule: 'model/index', severity: 'note', message: error.message });
    return [];
  }
}

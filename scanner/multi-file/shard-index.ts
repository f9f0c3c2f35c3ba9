import { join } from 'node:path';
import type { Finding } from '../report/index.ts';
import { ModelFolderError } from './errors.ts';
import type { WeightsFormat } from './file-names.ts';
import { isObject, JsonTooLarge, readJsonFile } from './json-file.ts';
import { isPlainName } from './plain-name.ts';
import type { ShardIndex } from './types.ts';

/** Bytes. The index of a model of a trillion parameters has some twenty megabytes. */
const MAX_INDEX = 32 * 1024 * 1024;
/** Tensors and files of one model: ten times as many as the largest have. */
export const MAX_TENSORS = 500_000;
export const MAX_SHARDS = 5000;

/** The index of shards, or what is wrong with it. */
export function readShardIndex(root: string, path: string, format: WeightsFormat): ShardIndex | Finding {
  try {
    return parse(readJsonFile(join(root, path), path, MAX_INDEX), path, format);
  } catch (error) {
    if (error instanceof JsonTooLarge) return { rule: 'model/index', severity: 'incomplete', message: error.message };
    if (error instanceof UnsafeName)
      return { rule: 'model/unsafe-path', severity: 'malformed', message: error.message };
    if (error instanceof ModelFolderError)
      return { rule: 'model/index', severity: 'malformed', message: error.message };
    throw error;
  }
}

class UnsafeName extends ModelFolderError {}

function parse(value: Readonly<Record<string, unknown>>, path: string, format: WeightsFormat): ShardIndex {
  const { weight_map: map, metadata } = value;
  if (!isObject(map)) throw new ModelFolderError(`${path} has no weight_map, which says where each tensor is.`);
  if (metadata !== undefined && !isObject(metadata))
    throw new ModelFolderError(`The metadata of ${path} is not an object.`);
  const entries = Object.entries(map);
  if (entries.length === 0) throw new ModelFolderError(`The weight_map of ${path} is empty.`);
  if (entries.length > MAX_TENSORS)
    throw new JsonTooLarge(`${path} names more than ${MAX_TENSORS} tensors. It was not checked.`);
  const fileOf = new Map<string, string>();
  const files = new Set<string>();
  for (const [tensor, file] of entries) {
    if (typeof file !== 'string')
      throw new ModelFolderError(`${path} gives no file name for the tensor ${quote(tensor)}.`);
    if (!files.has(file)) {
      if (!isPlainName(file)) throw new UnsafeName(`${path} names a file outside its folder: ${quote(file)}.`);
      if (!file.endsWith(`.${format}`))
        throw new ModelFolderError(`${path} names ${quote(file)}, which is not a .${format} file.`);
      files.add(file);
      if (files.size > MAX_SHARDS)
        throw new JsonTooLarge(`${path} names more than ${MAX_SHARDS} files. It was not checked.`);
    }
    fileOf.set(tensor, file);
  }
  const total = metadata?.total_size;
  if (total !== undefined && (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0))
    throw new ModelFolderError(`The total_size in ${path} is not a whole number.`);
  return { path, fileOf, totalSize: total ?? null };
}

/** A text of a file, short enough for a sentence. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

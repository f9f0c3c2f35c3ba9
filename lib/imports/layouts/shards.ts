import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isPlainName } from '#scanner/multi-file/client.ts';

/** The list of shards that transformers and diffusers write: the file of each tensor by its name. */
const INDEX = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
/** Bytes. The one of the largest models (400 billion parameters) has a tenth. */
const MAX_INDEX = 32 * 1024 * 1024;

/** `model-00001-of-00003.safetensors`: what belongs together, and which of how many. */
const SHARD_NAME = /^(.+)-(\d{5,6})-of-(\d{5,6})(\.[^/]+)$/;

const MAX_MISSING = 10;

/** Names of the shards in the folder of an index, sorted; null where the index is not one. */
export async function readShardIndex(path: string, size: number): Promise<string[] | null> {
  if (size > MAX_INDEX) return null;
  try {
    const { weight_map } = INDEX.parse(JSON.parse(await readFile(path, 'utf8')));
    const names = [...new Set(Object.values(weight_map))].sort();
    return names.length > 0 && names.every(isPlainName) ? names : null;
  } catch {
    return null;
  }
}

export interface ShardSet {
  /** The name without its number. */
  name: string;
  shards: string[];
  /** At most ten of those that are missing. */
  missing: string[];
}

/** Shards by their own numbers, for folders without an index, as GGUF files are split. */
export function groupShards(names: readonly string[]): ShardSet[] {
  const sets = new Map<string, { prefix: string; ending: string; count: string; shards: Set<string> }>();
  for (const name of names) {
    const [, prefix, , of, ending] = SHARD_NAME.exec(name) ?? [];
    if (prefix === undefined || of === undefined || ending === undefined || Number(of) < 2) continue;
    const key = `${prefix}\0${of}\0${ending}`;
    const set = sets.get(key) ?? { prefix, ending, count: of, shards: new Set<string>() };
    set.shards.add(name);
    sets.set(key, set);
  }
  return [...sets.values()].map(({ prefix, ending, count, shards }) => {
    const missing: string[] = [];
    for (let index = 1; index <= Number(count) && missing.length < MAX_MISSING; index++) {
      const name = `${prefix}-${String(index).padStart(count.length, '0')}-of-${count}${ending}`;
      if (!shards.has(name)) missing.push(name);
    }
    return { name: `${prefix}${ending}`, shards: [...shards].sort(), missing };
  });
}

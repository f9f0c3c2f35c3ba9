import type { ComfyAddress } from './address.ts';
import { lastPart, placedName, withoutEnding } from './file-name.ts';
import { ask } from './http.ts';
import { isRecord } from './object-info.ts';
import type { ModelFolder } from './types.ts';

/** How sure it is that a model that the server lists is the one that is meant. */
export type Match = { name: string; by: 'placed' | 'size' | 'name' };

/**
 * Finds a file among those that the server lists: by the name that Weighhouse gave it once (which has part of its hash),
 * else by its own name, and then by its size where the server tells sizes. One of another size is not it.
 */
export async function findListed(
  address: ComfyAddress,
  folder: ModelFolder,
  listed: readonly string[],
  file: { name: string; sha256: string; size: number },
  seconds: number,
): Promise<Match | null> {
  // Embeddings are listed without their ending.
  const listedName = (name: string) => withoutEnding(lastPart(name));
  const placed = withoutEnding(placedName(file));
  const ours = listed.find((name) => listedName(name) === placed);
  if (ours !== undefined) return { name: ours, by: 'placed' };

  const sameName = listed.filter((name) => listedName(name) === file.name);
  if (sameName.length === 0) return null;
  const sizes = await readSizes(address, folder, seconds);
  for (const name of sameName) {
    const size = sizes?.get(withoutEnding(name));
    if (size === file.size) return { name, by: 'size' };
    if (size === undefined && sameName.length === 1) return { name, by: 'name' };
  }
  return null;
}

/** Bytes of the server's files by name without ending; null where it does not tell (ComfyUI before 2024-12). */
async function readSizes(
  address: ComfyAddress,
  folder: ModelFolder,
  seconds: number,
): Promise<Map<string, number> | null> {
  const { status, bytes } = await ask(address, `experiment/models/${folder}`, { seconds });
  if (status !== 200) return null;
  try {
    const list: unknown = JSON.parse(bytes.toString('utf8'));
    const entries = (Array.isArray(list) ? list : [])
      .filter(isRecord)
      .filter(({ name, size }) => typeof name === 'string' && typeof size === 'number')
      .map(({ name, size }) => [withoutEnding(String(name)), Number(size)] as const);
    return new Map(entries);
  } catch {
    return null;
  }
}

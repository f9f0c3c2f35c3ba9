import { isPlainName, MODEL_INDEX, parseIndexName } from '#scanner/multi-file/client.ts';
import type { FileLayout } from '../db/index.ts';

/** How a model in several files is spread over them. */
export type PartLayout = Exclude<FileLayout, 'file'>;

export interface ListedPart {
  /** Below the model's folder, with `/`. */
  path: string;
  sha256: string;
  /** Bytes. */
  size: number;
}

/**
 * The bytes that stand for a model in several files: a list of its parts, the same for the same parts. Its SHA-256 is the
 * model's.
 */
export function writePartList(layout: PartLayout, parts: readonly ListedPart[]): Buffer {
  const sorted = parts
    .map(({ path, sha256, size }) => ({ path, sha256, size }))
    .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  return Buffer.from(`${JSON.stringify({ layout, parts: sorted }, null, 1)}\n`);
}

/** The file that names the others; null for shards without an index. */
export function findIndex(layout: PartLayout, paths: readonly string[]): string | null {
  if (layout === 'diffusers') return MODEL_INDEX;
  return paths.find((path) => parseIndexName(path) !== null) ?? null;
}

/** True for a path of parts with names, and nothing that leads elsewhere. */
export function isPartPath(path: string): boolean {
  const names = path.split('/');
  return names.length <= 8 && names.every(isPlainName);
}

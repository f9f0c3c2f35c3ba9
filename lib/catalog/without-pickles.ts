import { z } from 'zod';
import { parseIndexName } from '#scanner/multi-file/client.ts';

/** A file of a model in several, as it is downloaded. */
export type DownloadedPart = { path: string } & ({ sha256: string; size: number } | { content: Buffer });

interface Part {
  path: string;
  sha256: string;
  /** Bytes. */
  size: number;
  /** Of a pickle, the safetensors made from it. */
  converted: { sha256: string; size: number } | null;
}

const INDEX = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * The files of a model with safetensors in place of pickles, under the names that diffusers and transformers look for. An
 * index of pickles names the new files; where one of its shards has no safetensors, all of them stay what they are.
 */
export async function replacePickles(
  parts: readonly Part[],
  read: (sha256: string) => Promise<Buffer>,
): Promise<DownloadedPart[]> {
  const kept = new Set<string>();
  const indexes = new Map<string, Buffer>();
  for (const { path, sha256 } of parts) {
    if (parseIndexName(nameOf(path))?.format !== 'bin') continue;
    const index = INDEX.safeParse(parseJson(await read(sha256))).data;
    const shards = [...new Set(Object.values(index?.weight_map ?? {}))].map((name) => `${folderOf(path)}${name}`);
    const isWhole = shards.every((shard) => parts.find((part) => part.path === shard)?.converted);
    if (index === undefined || !isWhole) for (const shard of shards) kept.add(shard);
    else {
      const map = Object.entries(index.weight_map).map(([tensor, name]) => [tensor, safetensorsName(name)]);
      indexes.set(path, Buffer.from(`${JSON.stringify({ ...index, weight_map: Object.fromEntries(map) }, null, 2)}\n`));
    }
  }
  const present = new Set(parts.map(({ path }) => path));
  return parts.flatMap(({ path, sha256, size, converted }): DownloadedPart[] => {
    const index = indexes.get(path);
    if (index === undefined && (converted === null || kept.has(path))) return [{ path, sha256, size }];
    const renamed = safetensorsName(path);
    // The folder has the same model as safetensors already.
    if (present.has(renamed)) return [];
    return [
      index === undefined ? { path: renamed, ...(converted ?? { sha256, size }) } : { path: renamed, content: index },
    ];
  });
}

/** `pytorch_model.bin` is `model.safetensors`; everything else keeps its name but for the ending. */
function safetensorsName(path: string): string {
  const name = nameOf(path).replace(/^pytorch_model\b/, 'model');
  const renamed =
    parseIndexName(name) === null ? name.replace(/\.[^.]+$/, '.safetensors') : name.replace('.bin.', '.safetensors.');
  return `${folderOf(path)}${renamed}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

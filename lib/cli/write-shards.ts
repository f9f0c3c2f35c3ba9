import { linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFile, splitIntoShards } from '#scanner/convert/index.ts';
import { parseShardName } from '#scanner/multi-file/client.ts';
import { AppError } from '../errors.ts';
import { isSameFile, outputExists } from './output-path.ts';

const ENDING = '.safetensors';

/** A file of the output. */
export interface OutputFile {
  path: string;
  bytes: number;
  /** Of a shard; the index has none. */
  sha256?: string;
}

/** Shards that are written and checked, under temporary names by those that they are to have. The index is the last. */
export interface PreparedShards {
  files: OutputFile[];
  partOf: Map<string, string>;
}

/** Throws AppError for an output in shards that could not be put in place. `sources` are the files that are read. */
export function checkShardPaths(target: string, sources: readonly string[], force: boolean): void {
  if (!target.endsWith(ENDING))
    throw new AppError('bad_request', `--max-shard-size needs an output file with the extension ${ENDING}.`);
  const [existing, ...others] = listOutput(target);
  if (existing === undefined) return;
  if ([existing, ...others].some((path) => sources.some((source) => isSameFile(source, path))))
    throw new AppError('bad_request', 'The output is a file of the model itself. Choose another output.');
  if (!force) throw outputExists(existing);
}

/** Splits the file `part`, which is to be `target`, and writes the index. Null where one file is enough. */
export async function prepareShards(part: string, target: string, maxBytes: number): Promise<PreparedShards | null> {
  const split = await splitIntoShards(part, maxBytes, (number) => `${part}.${number}`);
  if (split === null) return null;
  const stem = target.slice(0, -ENDING.length);
  const digits = (number: number) => String(number).padStart(5, '0');
  const { shards, totalSize } = split;
  const paths = shards.map((_, at) => `${stem}-${digits(at + 1)}-of-${digits(shards.length)}${ENDING}`);
  const map = shards.flatMap(({ tensors }, at) => tensors.map((name) => [name, basename(paths[at] ?? '')] as const));
  const text = `${JSON.stringify(
    {
      metadata: { total_size: totalSize },
      weight_map: Object.fromEntries(map.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    null,
    2,
  )}\n`;
  const index = `${target}.index.json`;
  await writeFile(`${part}.index`, text, { flag: 'wx' });
  await flushFile(`${part}.index`);
  return {
    files: [
      ...shards.map(({ bytes, sha256 }, at) => ({ path: paths[at] ?? '', bytes, sha256 })),
      { path: index, bytes: Buffer.byteLength(text) },
    ],
    partOf: new Map([...shards.map(({ path }, at) => [paths[at] ?? '', path] as const), [index, `${part}.index`]]),
  };
}

/**
 * Puts shards and then their index in place of what is there of an output of this name; on a failure that is as it was.
 * No signal comes between, as it waits for nothing.
 */
export function placeShards({ partOf }: PreparedShards, target: string, aside: string, force: boolean): void {
  // The index first, so that it never names files of two conversions.
  const old = listOutput(target);
  const [existing] = old;
  if (!force && existing !== undefined) throw outputExists(existing);
  const moved: [string, string][] = [];
  const placed: string[] = [];
  try {
    for (const [at, path] of old.entries()) {
      renameSync(path, `${aside}.${at}`);
      moved.push([path, `${aside}.${at}`]);
    }
    for (const [path, part] of partOf) {
      linkSync(part, path);
      placed.push(path);
    }
  } catch (error) {
    for (const path of placed.reverse()) rmSync(path, { force: true });
    for (const [path, kept] of moved.reverse()) renameSync(kept, path);
    throw error;
  }
  for (const [, kept] of moved) rmSync(kept, { force: true });
}

/** What is there of an output of this name: its index, itself, its shards. */
function listOutput(target: string): string[] {
  const folder = dirname(target);
  const name = basename(target);
  const stem = name.slice(0, -ENDING.length);
  const names = readdirSync(folder);
  const isShard = (one: string) => {
    const shard = one.startsWith(`${stem}-`) ? parseShardName(one) : null;
    return shard?.stem === stem && shard.format === 'safetensors';
  };
  return [`${name}.index.json`, name]
    .filter((one) => names.includes(one))
    .concat(names.filter(isShard))
    .map((one) => join(folder, one));
}

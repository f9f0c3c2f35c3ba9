import { existsSync, readdirSync, rmSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { flushFolderOf } from '#scanner/convert/index.ts';
import { isSystemError } from '#scanner/errors.ts';
import { isRunning } from '../process/index.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';
import { outputExists } from './output-path.ts';
import { type OutputFile, placeShards, prepareShards } from './write-shards.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface OutputOptions {
  target: string;
  output: string;
  force: boolean;
  /** Bytes of tensors; what has more becomes shards with an index. */
  maxShardSize?: number | undefined;
}

/**
 * Has `write` make a file next to `target`, and puts it in place when it is whole. What an interrupted run leaves is
 * gone before this process is, whatever ends it; what a killed one left goes with the next.
 */
export async function writeOutput<T>(
  { target, output, force, maxShardSize }: OutputOptions,
  write: (part: string) => Promise<T>,
): Promise<T & { files?: OutputFile[] }> {
  deleteAbandonedParts(target);
  const part = partPath(target);
  const cleanUp = () => deletePart(part);
  const exitOnSignal = () => process.exit(EXIT_INTERRUPTED);
  process.on('exit', cleanUp);
  for (const signal of SIGNALS) process.on(signal, exitOnSignal);
  try {
    const result = (await write(part)) as T & { files?: OutputFile[] };
    const shards = maxShardSize === undefined ? null : await prepareShards(part, target, maxShardSize);
    if (shards !== null) {
      placeShards(shards, target, `${target}.${hostLabel()}.${process.pid}.replaced`, force);
      await flushFolderOf(target);
      cleanUp();
      return { ...result, files: shards.files };
    }
    await moveIntoPlace(part, target, output, force);
    return result;
  } catch (error) {
    cleanUp();
    throw error;
  } finally {
    process.off('exit', cleanUp);
    for (const signal of SIGNALS) process.off(signal, exitOnSignal);
  }
}

/** Where OUT is written until it is checked: next to it, under a name that says whose it is. */
function partPath(target: string): string {
  return `${target}.${hostLabel()}.${process.pid}.checking`;
}

/** Removes what this process has written so far. The second file becomes the first by a rename, so it goes first. */
function deletePart(part: string): void {
  const name = basename(part);
  if (!existsSync(dirname(part))) return;
  for (const path of [`${part}.part`, part]) rmSync(path, { force: true });
  for (const one of readdirSync(dirname(part)))
    if (one.startsWith(`${name}.`)) rmSync(join(dirname(part), one), { force: true });
}

/** Removes what conversions to `target` left that were killed: those of this machine whose process is gone. */
function deleteAbandonedParts(target: string): void {
  const folder = dirname(resolve(target));
  const prefix = `${basename(target)}.${hostLabel()}.`;
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(prefix)
      ? /^(\d+)\.checking(?:\.part|\.\d+(?:\.part)?|\.index)?$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** The machine's name, so that a folder on the network can be shared; letters that any file system takes. */
function hostLabel(): string {
  return hostname().replace(/[^\w-]/g, '_');
}

/** Puts the finished file in place. Without `force` it never replaces one that somebody made meanwhile. */
async function moveIntoPlace(part: string, target: string, output: string, force: boolean): Promise<void> {
  if (force) await rename(part, target);
  else await linkWithoutReplacing(part, target, output);
  await flushFolderOf(target);
}

async function linkWithoutReplacing(part: string, target: string, output: string): Promise<void> {
  try {
    await link(part, target);
    await rm(part);
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) throw outputExists(output);
    // A file system without links (exFAT, some network drives): an empty file takes the name first.
    await (await open(target, 'wx')).close();
    await rename(part, target);
  }
}

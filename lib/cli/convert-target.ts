import { accessSync, constants, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { flushFolderOf } from '#scanner/convert/index.ts';
import { AppError } from '../errors.ts';
import { plain } from './format-option.ts';

/** Throws AppError for what could not work in the end, before gigabytes are written for nothing. */
export function checkPaths(input: string, output: string, force: boolean): void {
  if (statSync(input, { throwIfNoEntry: false })?.isFile() === false)
    throw new AppError('bad_request', `${plain(input)} is not a file. Files are converted one by one.`);
  const folder = dirname(output);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new AppError('bad_request', `There is no folder ${plain(folder)} to write to.`);
  if (!mayWrite(folder)) throw new AppError('forbidden', `Nothing may be written to the folder ${plain(folder)}.`);
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory())
    throw new AppError('bad_request', `${plain(output)} is a folder. Name the file to write in it.`);
  if (isSameFile(input, output)) throw new AppError('bad_request', 'IN and OUT are the same file.');
  if (!force && lstatSync(output, { throwIfNoEntry: false }) !== undefined) throw alreadyThere(output);
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isSameFile(one: string, other: string): boolean {
  const first = statSync(one, { throwIfNoEntry: false });
  const second = statSync(other, { throwIfNoEntry: false });
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

function alreadyThere(output: string): AppError {
  return new AppError('conflict', `${plain(output)} exists. Use --force to overwrite it, or choose another name.`);
}

/** Where OUT is written until it is checked: beside it, under a name that says whose it is. */
export function partOf(target: string): string {
  return `${target}.${hostMark()}.${process.pid}.checking`;
}

/** Removes what this process has written so far. The second file becomes the first by a rename, so it goes first. */
export function sweepPart(part: string): void {
  for (const path of [`${part}.part`, part]) rmSync(path, { force: true });
}

/** Removes what conversions to `target` left that were killed: those of this machine whose process is gone. */
export function sweepAbandoned(target: string): void {
  const folder = dirname(resolve(target));
  const begin = `${basename(target)}.${hostMark()}.`;
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(begin) ? /^(\d+)\.checking(?:\.part)?$/.exec(name.slice(begin.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** The machine's name, so that a folder on the network can be shared; letters that any file system takes. */
function hostMark(): string {
  return hostname().replace(/[^\w-]/g, '_');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !hasEnded(pid);
}

/** A process that has ended still takes signals until its parent asks for it, which in many containers nobody does. */
function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Puts the finished file in place. Without `force` it never replaces one that somebody made meanwhile. */
export async function moveTo(part: string, target: string, output: string, force: boolean): Promise<void> {
  if (force) await rename(part, target);
  else await linkTo(part, target, output);
  await flushFolderOf(target);
}

async function linkTo(part: string, target: string, output: string): Promise<void> {
  try {
    await link(part, target);
    await rm(part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(output);
    // A file system without links (exFAT, some network drives): an empty file takes the name first.
    await (await open(target, 'wx')).close();
    await rename(part, target);
  }
}

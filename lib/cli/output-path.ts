import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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

/** The error for an output that exists where none was to be overwritten. */
export function alreadyThere(output: string): AppError {
  return new AppError('conflict', `${plain(output)} exists. Use --force to overwrite it, or choose another name.`);
}

import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../errors.ts';
import { plain } from './terminal-text.ts';

/**
 * Throws AppError for what could not work in the end, before gigabytes are written for nothing. `isFolder`: the input is a
 * model in several files.
 */
export function checkPaths(input: string, output: string, force: boolean, isFolder = false): void {
  if (!isFolder && statSync(input, { throwIfNoEntry: false })?.isFile() === false)
    throw new AppError('bad_request', `${plain(input)} is not a file. Convert one file at a time.`);
  const folder = dirname(output);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new AppError('bad_request', `Folder ${plain(folder)} not found.`);
  if (!isWritable(folder)) throw new AppError('forbidden', `No permission to write to folder ${plain(folder)}.`);
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory())
    throw new AppError('bad_request', `${plain(output)} is a folder. Enter a file name.`);
  if (isSameFile(input, output))
    throw new AppError('bad_request', 'The input and output are the same file. Choose another output.');
  if (!force && lstatSync(output, { throwIfNoEntry: false }) !== undefined) throw outputExists(output);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether two paths lead to one file that is there. */
export function isSameFile(one: string, other: string): boolean {
  const first = statSync(one, { throwIfNoEntry: false });
  const second = statSync(other, { throwIfNoEntry: false });
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** The error for an output that exists where none was to be overwritten. */
export function outputExists(output: string): AppError {
  return new AppError(
    'conflict',
    `${plain(output)} already exists. Use --force to overwrite it, or choose another name.`,
  );
}

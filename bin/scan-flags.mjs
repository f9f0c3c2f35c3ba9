// With what rights `weighhouse scan FILE` runs. It needs no second process to scan in: under Node's permission model the
// command itself has none that a scan does not need.
import { statSync } from 'node:fs';

/** A larger file is scanned in a process of its own, which can be stopped at any time. */
const SMALL = 64 * 1024 * 1024;
/** A file of no more is done with before optimised code would pay, which takes time and 15 MiB. */
const BRIEF = 4 * 1024 * 1024;
export const BRIEF_FLAGS = ['--no-opt', '--no-maglev'];

/** The size of the one file among the arguments; null where there is none, more than one, or something else. */
function sizeOfFile(args) {
  const found = args.map((arg) => statSync(arg, { throwIfNoEntry: false })).filter((stats) => stats !== undefined);
  return found.length === 1 && found[0].isFile() ? found[0].size : null;
}

/** Whether a command of these arguments has but a moment's work. */
export function isBrief(args) {
  return (sizeOfFile(args) ?? Number.POSITIVE_INFINITY) <= BRIEF;
}

/**
 * The flags of Node for a command that scans one file; null for any other, and where a process cannot become another one.
 * Folders and several files are scanned by several processes, standard input is written to a temporary file first, and a
 * report to a file of its own.
 */
export function scanFlags([command, ...args], cacheFolder) {
  if (command !== 'scan' || process.platform === 'win32' || process.execve === undefined) return null;
  if (args.some((arg) => arg === '-' || arg.startsWith('--sarif-file'))) return null;
  const size = sizeOfFile(args);
  if (size === null || size > SMALL) return null;
  return [
    '--permission',
    '--allow-fs-read=*',
    ...(cacheFolder === null ? [] : [`--allow-fs-write=${cacheFolder}`]),
    // For the thread that watches the memory. Both this and the right to write are given up before the file is read.
    '--allow-worker',
    // As for the processes of lib/cli/scan/pool.ts: what was emptied goes back to the system.
    ...['--max-semi-space-size=4', '--memory-pool-timeout=0', '--expose-gc'],
    ...(isBrief(args) ? BRIEF_FLAGS : []),
  ];
}

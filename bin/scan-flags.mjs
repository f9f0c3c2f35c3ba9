// With what rights `weighhouse scan FILE` runs. It needs no second process to scan in: under Node's permission model the
// command itself has none that a scan does not need.
import { SANDBOX_FLAGS } from './sandbox-flags.mjs';

const { statSync } = process.getBuiltinModule('node:fs');

/** A larger file is scanned in a process of its own, which can be stopped at any time. */
const SMALL = 64 * 1024 * 1024;

/** The size of the one file among the arguments; null where there is none, more than one, or something else. */
export function sizeOfFile(args) {
  const found = args.map((arg) => statSync(arg, { throwIfNoEntry: false })).filter((stats) => stats !== undefined);
  return found.length === 1 && found[0].isFile() ? found[0].size : null;
}

/**
 * The flags of Node for a command that scans one file; null for any other, and where a process cannot become another one.
 * Folders and several files are scanned by several processes, standard input is written to a temporary file first, and a
 * report to a file of its own; a bill of materials has hashes, which further threads compute.
 */
export function scanFlags([command, ...args], cacheFolder) {
  if (command !== 'scan' || process.platform === 'win32' || process.execve === undefined) return null;
  if (args.some((arg) => arg === '-' || arg.startsWith('--sarif-file') || arg.endsWith('cyclonedx'))) return null;
  const size = sizeOfFile(args);
  if (size === null || size > SMALL) return null;
  return [
    '--permission',
    ...SANDBOX_FLAGS,
    '--no-addons',
    '--allow-fs-read=*',
    ...(cacheFolder === null ? [] : [`--allow-fs-write=${cacheFolder}`]),
    // For the thread that watches the memory. Both this and the right to write are given up before the file is read.
    '--allow-worker',
    '--max-semi-space-size=4',
  ];
}

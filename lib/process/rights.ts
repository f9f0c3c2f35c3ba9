import { pathToFileURL } from 'node:url';
import { isCompiled, programFile } from '#scanner/program-file.ts';
import { SANDBOX_FLAGS } from '../../bin/sandbox-flags.mjs';
import { compileCacheFolder } from './compile-cache.ts';
import { programPaths } from './programs.ts';

const BEGIN = 'lib/process/begin.ts';

/** What a process may do, under Node's permission model. It never has a network, processes or WASI. */
export interface Rights {
  /** Files and folders that it may read, in addition to its own program. */
  read: readonly string[] | 'all';
  /** Folders that it may read and write. */
  write?: readonly string[];
  threads?: boolean;
  /** Native addons can do anything, so whoever may load them must not write any. */
  addons?: boolean;
}

/** The flags of Node that give these rights and no others, to a program that is started from its snapshot. */
export function snapshotFlags({ read, write = [], threads, addons }: Rights): string[] {
  // It has its program in memory.
  return flagsOf({ read: read === 'all' ? ['*'] : [...write, ...read], write, threads, addons });
}

/** The flags of Node that give these rights and no others. */
export function permissionFlags({ read, write = [], threads, addons }: Rights, entry: string): string[] {
  // It gives this up before it reads anything: see confine.ts.
  const cache = compileCacheFolder();
  const readable =
    read === 'all' ? ['*'] : [...programPaths(), ...(cache === null ? [] : [cache]), entry, ...write, ...read];
  return [
    ...flagsOf({ read: readable, write: [...write, ...(cache === null ? [] : [cache])], threads, addons }),
    // Each program of the bundle begins with it.
    ...(isCompiled() ? [] : [`--import=${pathToFileURL(programFile(BEGIN)).href}`]),
  ];
}

function flagsOf({
  read,
  write,
  threads = false,
  addons = false,
}: {
  read: readonly string[];
  write: readonly string[];
  threads: boolean | undefined;
  addons: boolean | undefined;
}): string[] {
  return [
    '--permission',
    ...SANDBOX_FLAGS,
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
    ...(threads ? ['--allow-worker'] : []),
    ...(addons ? ['--allow-addons'] : ['--no-addons']),
  ];
}

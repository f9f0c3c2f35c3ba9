import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { LoaderId } from '#scanner/index.ts';
import { HANG_MS } from '../../support/limits.ts';
import { type InertRun, NO_PYTHON, python } from './python.ts';
import { torchPython } from './torch.ts';

const SCRIPT = join(import.meta.dirname, '../python/readings.py');

/** What a program that took the bytes did. */
export interface Taken {
  /** True where it took them to their end, as a whole; else it had read a pickle in them before its error. */
  whole: boolean;
  events: InertRun['events'];
  error: string | null;
}

/** Entries of the scanner's table that one program of the comparison stands for. */
const ENTRIES = {
  torch: ['torch-zip', 'torch-tar', 'torch-legacy'],
  'torch-jit': ['torch-jit'],
  pickle: ['pickle'],
  joblib: ['joblib', 'joblib-compressed'],
  numpy: ['numpy-npy', 'numpy-npz', 'numpy-pickle'],
  safetensors: ['safetensors'],
  // It looks into compressed archives as well.
  tarfile: ['tarfile', 'gzip', 'bz2', 'lzma'],
  zipfile: ['zipfile'],
  gzip: ['gzip'],
  bz2: ['bz2'],
  lzma: ['lzma'],
  zlib: ['zlib'],
  zstd: ['zstd'],
  lz4: ['lz4'],
} as const satisfies Record<string, readonly LoaderId[]>;

type RealLoader = keyof typeof ENTRIES;

export interface LoaderRun {
  /** The entries of the table that it may be. */
  entries: readonly LoaderId[];
  taken: Taken;
}

/** What the real programs make of each of these files, and the programs that are there. */
export function runLoaders(files: readonly Uint8Array[]): { loaders: string[]; runs: LoaderRun[][] } {
  const program = torchPython ?? python;
  if (program === null) throw new Error(NO_PYTHON);
  const { status, stdout, stderr, error } = spawnSync(program, ['-I', SCRIPT], {
    input: files.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status ?? error?.message}: ${stderr}`);
  const [loaders = '[]', ...lines] = stdout.split('\n').slice(0, -1);
  return {
    loaders: JSON.parse(loaders) as string[],
    runs: lines.map((line) =>
      (Object.entries(JSON.parse(line) as object) as [RealLoader, Taken][]).map(([name, taken]) => ({
        entries: ENTRIES[name],
        taken,
      })),
    ),
  };
}

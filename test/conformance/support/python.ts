import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HANG_MS } from '../../support/limits.ts';

const SCRIPT = join(import.meta.dirname, '../python/readers.py');
const MAX_ANSWER = 512 * 1024 * 1024;

/** A Python 3 to compare with: `WEIGHHOUSE_PYTHON`, or `python3` where there is one. Null elsewhere. */
export const python = findPython();

/** Why the comparisons are left out, where they are. */
export const NO_PYTHON = 'No python3 here: the comparison with Python’s own readers is left out.';

/** One argument of an opcode as pickletools reads it; whole numbers and bytes in hexadecimal, texts as their UTF-8 in it. */
export type GenopsArgument = readonly ['bool', boolean] | readonly ['int' | 'float' | 'str' | 'bytes', string] | null;

export interface Genops {
  ops: [offset: number, name: string, argument: GenopsArgument][];
  /** Why it stopped before STOP. */
  error: string | null;
}

/** What CPython's C unpickler did, with recorders in place of everything that the pickle names. */
export interface InertRun {
  events: ['import' | 'call' | 'call-result' | 'set-attribute' | 'persistent' | 'extension', string][];
  /** Pickles that were read to their STOP. */
  pickles: number;
  error: string | null;
}

/** `pickletools.genops` on each of these. */
export function runGenops(pickles: readonly Uint8Array[]): Genops[] {
  return ask(['genops'], pickles).map((line) => JSON.parse(line) as Genops);
}

/** CPython's C unpickler with inert names on each of these. */
export function runInert(pickles: readonly Uint8Array[]): InertRun[] {
  return ask(['inert'], pickles).map((line) => JSON.parse(line) as InertRun);
}

/** CPython's C unpickler with inert names on the first pickle of these, without `persistent_load` and without buffers. */
export function runPlain(files: readonly Uint8Array[]): InertRun[] {
  return ask(['plain'], files).map((line) => JSON.parse(line) as InertRun);
}

/** CPython's C unpickler with inert names on the first pickle of all that Python takes out of these archives. */
export function runMembers(files: readonly Uint8Array[]): InertRun[] {
  return ask(['members'], files).map((line) => JSON.parse(line) as InertRun);
}

/** Plain values as CPython pickles them, in all protocols. */
export function makePickles(seed: number, count: number): Uint8Array[] {
  return ask(['make', String(seed), String(count)], []).map((line) => Buffer.from(line, 'base64'));
}

function ask(args: readonly string[], pickles: readonly Uint8Array[]): string[] {
  if (python === null) throw new Error(NO_PYTHON);
  const { status, stdout, stderr, error } = spawnSync(python, ['-I', SCRIPT, ...args], {
    input: pickles.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: MAX_ANSWER,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status ?? error?.message}: ${stderr}`);
  return stdout.split('\n').slice(0, -1);
}

function findPython(): string | null {
  for (const name of [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3'].flat()) {
    const { status } = spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))'], { stdio: 'ignore' });
    if (status === 0) return name;
  }
  return null;
}

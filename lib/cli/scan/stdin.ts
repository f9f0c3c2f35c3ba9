import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Standard input as a file, since a model is read here and there and not from front to back. */
export interface SpooledInput {
  path: string;
  remove(): Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Writes a stream to a temporary file that nobody else can read. Rejects with the system's error; nothing is left then. */
export async function spool(input: Readable): Promise<SpooledInput> {
  const folder = await mkdtemp(join(tmpdir(), 'weighhouse-scan-'));
  // Gigabytes must not stay behind when somebody has waited long enough.
  const exitOnSignal = (signal: (typeof SIGNALS)[number]) => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, exitOnSignal);
  const remove = async () => {
    for (const signal of SIGNALS) process.off(signal, exitOnSignal);
    await rm(folder, { recursive: true, force: true });
  };
  const path = join(folder, 'input');
  try {
    await pipeline(input, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { RealFile } from '../../fixtures/real-files.ts';
import { HANG_MS } from '../../support/limits.ts';
import { NO_TORCH, torchPython } from './torch.ts';

const SCRIPT = join(import.meta.dirname, '../python/real_files.py');

/** Writes every file of `real_files.py` into `folder`. `error`: why one could not be written. */
export function writeRealFiles(folder: string): (RealFile & { error: string | null })[] {
  if (torchPython === null) throw new Error(NO_TORCH);
  const { status, stdout, stderr, error } = spawnSync(torchPython, [SCRIPT, folder], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status ?? error?.message}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RealFile & { error: string | null });
}

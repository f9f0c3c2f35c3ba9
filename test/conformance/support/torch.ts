import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HANG_MS } from '../../support/limits.ts';

const SCRIPT = join(import.meta.dirname, '../python/torch_files.py');

/** What torch says that a tensor is. The digest is of its elements in row-major order, little-endian. */
export interface TorchTensor {
  dtype: string;
  shape: number[];
  sha256: string;
}

/** A Python with PyTorch: `WEIGHHOUSE_PYTHON`, or `python3` where it has it. Null elsewhere. */
export const torchPython = findTorch();

/** Why the comparisons are left out, where they are. */
export const NO_TORCH = 'No python3 with torch here: the comparison with PyTorch is left out.';

/** Files that PyTorch writes into `folder`, of every type and layout, with what it says is in them. */
export function saveTorchFiles(folder: string): { file: string; tensors: Record<string, TorchTensor> }[] {
  return ask(['save', folder]).map((line) => JSON.parse(line) as ReturnType<typeof saveTorchFiles>[number]);
}

/** What `torch.load(weights_only=True)` finds in each of these files. `wrapped`: inside `{'state_dict': …}`. */
export function loadWithTorch(paths: readonly string[]): { wrapped: boolean; tensors: Record<string, TorchTensor> }[] {
  return ask(['load', ...paths]).map((line) => JSON.parse(line) as ReturnType<typeof loadWithTorch>[number]);
}

/** The bits that torch makes of numbers of one type as another. */
export function castWithTorch(jobs: readonly { from: string; to: string; bytes: Uint8Array }[]): Buffer[] {
  const input = jobs.map(({ from, to, bytes }) =>
    JSON.stringify({ from, to, hex: Buffer.from(bytes).toString('hex') }),
  );
  return ask(['cast'], input.join('\n')).map((line) => Buffer.from(line, 'hex'));
}

function ask(args: readonly string[], input = ''): string[] {
  if (torchPython === null) throw new Error(NO_TORCH);
  const { status, stdout, stderr, error } = spawnSync(torchPython, ['-I', SCRIPT, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status ?? error?.message}: ${stderr}`);
  return stdout.split('\n').slice(0, -1);
}

function findTorch(): string | null {
  for (const name of [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3'].flat()) {
    const { status } = spawnSync(name, ['-I', '-c', 'import torch; torch.float8_e4m3fn'], { stdio: 'ignore' });
    if (status === 0) return name;
  }
  return null;
}

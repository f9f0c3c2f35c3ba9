import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource } from '#scanner/index.ts';
import { measureTensors, type TensorStatistics } from '#scanner/statistics/index.ts';
import { DTYPE_BYTES, type Dtype, readTensorTable } from '#scanner/tensors/index.ts';
import { HANG_MS } from '../support/limits.ts';

const DTYPES: readonly Dtype[] = [
  ...(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'] as const),
  ...(['I64', 'I32', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8', 'BOOL', 'C64'] as const),
];
/** Few numbers are gone through one by one, many are counted by their bits. */
const COUNTS = [1500, 70_000];
const SCRIPT = join(import.meta.dirname, 'python/statistics.py');

const numpyPython = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import numpy'], { stdio: 'ignore' }).status === 0);
if (numpyPython === undefined) console.warn('No python3 with numpy here: the comparison with NumPy is left out.');

const folder = mkdtempSync(join(tmpdir(), 'weighhouse numpy '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const jobs = DTYPES.flatMap((dtype, index) =>
  COUNTS.map((count) => ({ dtype, count, bytes: makeNumbers(dtype, count, index + 1) })),
);

/** Bits that look like noise, with NaN, infinities and zeros where the type has them; of wide floats none too large to square. */
function makeNumbers(dtype: Dtype, count: number, seed: number): Buffer {
  const bytes = Buffer.alloc(count * DTYPE_BYTES[dtype]);
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const float = () =>
    next() < 0.01 ? (odd[Math.floor(next() * odd.length)] ?? 0) : (next() - 0.4) * 10 ** (next() * 6);
  if (dtype === 'F64') for (let i = 0; i < count; i += 1) bytes.writeDoubleLE(float(), i * 8);
  else if (dtype === 'F32' || dtype === 'C64')
    for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(float(), at);
  else for (let at = 0; at < bytes.length; at += 1) bytes[at] = dtype === 'BOOL' ? next() * 2 : next() * 256;
  return bytes;
}

async function measure(dtype: Dtype, count: number, bytes: Buffer): Promise<TensorStatistics | undefined> {
  const path = join(folder, `${dtype}-${count}.safetensors`);
  const json = JSON.stringify({ x: { dtype, shape: [count], data_offsets: [0, bytes.length] } });
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  header.write(json, 8);
  writeFileSync(path, Buffer.concat([header, bytes]));
  using source = openFileSource(path);
  return (await measureTensors(source, readTensorTable(source)))[0];
}

function askNumpy(): TensorStatistics[] {
  if (numpyPython === undefined) return [];
  const { status, stdout, stderr } = spawnSync(numpyPython, ['-I', SCRIPT], {
    input: jobs.map(({ dtype, bytes }) => JSON.stringify({ dtype, hex: bytes.toString('hex') })).join('\n'),
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
    timeout: HANG_MS,
  });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TensorStatistics);
}

describe.skipIf(numpyPython === undefined)('statistics are those of NumPy', () => {
  const theirs = askNumpy();

  it.each(jobs.map(({ dtype, count, bytes }, index) => [dtype, count, bytes, index] as const))(
    '%s, %i numbers',
    async (dtype, count, bytes, index) => {
      const ours = await measure(dtype, count, bytes);
      const { mean, std, ...exact } = theirs[index] as TensorStatistics;
      expect(ours).toMatchObject(exact);
      if (mean === null || std === null) {
        expect(ours).toMatchObject({ mean, std });
        return;
      }
      // Sums in another order differ in their last digits; the mean may be near nothing beside the deviation.
      expect(Math.abs((ours?.mean ?? Number.NaN) - mean)).toBeLessThanOrEqual(1e-10 * (Math.abs(mean) + std));
      expect(Math.abs((ours?.std ?? Number.NaN) - std)).toBeLessThanOrEqual(1e-9 * std);
    },
  );
});

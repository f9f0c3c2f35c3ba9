import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../conformance/goldens/sampling');

/** What `test/conformance/python/sampling_goldens.py` wrote under a name. */
export function readGoldens<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as T;
}

/** Numbers as the goldens hold them: float32, little-endian, base64. */
export function unpack(packed: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(packed, 'base64')).buffer);
}

/** The largest distance of two arrays of one length; NaN where one has it. */
export function distance(values: Float32Array, expected: Float32Array): number {
  if (values.length !== expected.length) return Number.NaN;
  return Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN))));
}

/** The same, as a part of the largest number expected. */
export function relativeDistance(values: Float32Array, expected: Float32Array): number {
  return distance(values, expected) / Math.max(...expected.map(Math.abs));
}

/** A network in one line: smooth, not linear, and no number of it depends on its own place alone. Said in Python too. */
export function network(latent: Float32Array, timestep: number): Float32Array {
  const near = (i: number) => latent[i % latent.length] ?? Number.NaN;
  return latent.map(
    (x, i) =>
      0.7 * Math.tanh(0.9 * x + 0.3 * near(i * 7 + 3) - timestep / 5000) +
      0.25 * Math.sin(1.3 * near(i + 1) + timestep * 0.002) +
      0.2 * x,
  );
}

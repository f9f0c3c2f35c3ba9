import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWeightFile } from '#lib/render/weights/index.ts';

const FOLDER = join(import.meta.dirname, '..', 'conformance', 'goldens');

/** What a reference gave: safetensors of `test/conformance/goldens`, all its numbers F32. */
export function readGoldens(path: string): (name: string) => Float32Array {
  const file = openWeightFile(join(FOLDER, path));
  const bytes = readFileSync(file.path);
  return (name) => {
    const tensor = file.tensors.get(name);
    if (tensor?.dtype !== 'F32') throw new Error(`There is no golden "${name}" of F32 in ${path}.`);
    return new Float32Array(Uint8Array.from(bytes.subarray(tensor.offset, tensor.offset + tensor.length)).buffer);
  };
}

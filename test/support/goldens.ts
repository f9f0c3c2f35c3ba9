import { readFileSync } from 'node:fs';
import { openWeightFile } from '#lib/render/weights/index.ts';

/** What a reference gave: safetensors of `test/conformance/goldens`, all its numbers F32. */
export function readGoldens(path: string): (name: string) => Float32Array {
  const file = openWeightFile(new URL(`../conformance/goldens/${path}`, import.meta.url).pathname);
  const bytes = readFileSync(file.path);
  return (name) => {
    const tensor = file.tensors.get(name);
    if (tensor?.dtype !== 'F32') throw new Error(`There is no golden "${name}" of F32 in ${path}.`);
    return new Float32Array(Uint8Array.from(bytes.subarray(tensor.offset, tensor.offset + tensor.length)).buffer);
  };
}

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUnpackable, makeDequantise, Q8Cast } from '#scanner/convert/index.ts';
import { GGUF_BLOCKS, type GgufBlockType } from '#scanner/tensors/index.ts';
import { makeRandom } from '../fuzz/random.ts';

const SCRIPT = join(import.meta.dirname, 'python', 'gguf_files.py');
const python = [process.env.WEIGHHOUSE_GGUF_PYTHON ?? [], process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import gguf'], { stdio: 'ignore' }).status === 0);
if (python === undefined) console.info('No python3 with gguf here: the comparison with its numbers is left out.');

function ask(op: 'unpack' | 'pack', type: string, input: Uint8Array): Buffer {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT], {
    input: `${op} ${type} ${Buffer.from(input).toString('base64')}\n`,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return Buffer.from(stdout, 'base64');
}

const BLOCKS = 400;
const types = (Object.keys(GGUF_BLOCKS) as GgufBlockType[]).filter(isUnpackable);

describe.skipIf(python === undefined)('blocks are unpacked as by the gguf package, bit for bit', () => {
  it('has every documented type', () => {
    expect(types).toEqual(
      expect.arrayContaining(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K']),
    );
  });

  it.each(types)('%s', (type) => {
    const { elements, bytes } = GGUF_BLOCKS[type];
    const random = makeRandom(types.indexOf(type) + 1);
    const blocks = Uint8Array.from({ length: BLOCKS * bytes }, () => random.below(256));
    const numbers = new Float32Array(BLOCKS * elements);
    makeDequantise(type)(blocks, numbers);
    const theirs = ask('unpack', type, blocks);
    const expected = new Float32Array(theirs.buffer.slice(theirs.byteOffset, theirs.byteOffset + theirs.length));
    const wrong = numbers.findIndex((number, index) => !Object.is(number, expected[index]));
    expect([wrong, numbers[wrong], expected[wrong]]).toEqual([-1, undefined, undefined]);
  });
});

describe.skipIf(python === undefined)('singles are quantized as by the gguf package, byte for byte', () => {
  it('Q8_0', () => {
    const random = makeRandom(8);
    const numbers = Float32Array.from({ length: BLOCKS * 32 }, (_, index) =>
      index < 32 ? 0 : (random.below(2 ** 30) / 2 ** 30 - 0.5) * 10 ** (random.below(9) - 6),
    );
    // Halves, which are rounded away from zero.
    numbers.set([127, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5], 64);
    const bytes = new Uint8Array(numbers.buffer);
    expect(new Q8Cast(null).convert(bytes).equals(ask('pack', 'Q8_0', bytes))).toBe(true);
  });
});

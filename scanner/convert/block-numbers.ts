import { GGUF_BLOCKS } from '../tensors/index.ts';
import { IQ4_VALUES, type UnpackedType } from './dequantise.ts';

/** Reads `count` bits at bit `at` of the bytes behind `start`, the lowest bit of the first byte first. */
type Bits = (start: number, at: number, count: number) => number;
type Half = (at: number) => number;

/** What the number at `index` of a block is made of: value = scale × number + offset. */
type Parts = (bits: Bits, half: Half, index: number) => readonly [scale: number, number: number, offset?: number];

const signed = (byte: number) => (byte < 128 ? byte : byte - 256);
const { fround } = Math;

/** The lower or upper four bits of byte `index % 16`: numbers 0 to 15 have the lower ones. */
const nibble = (bits: Bits, start: number, index: number) => bits(start, (index % 16) * 8 + (index < 16 ? 0 : 4), 4);
/** Of K-quants: every 128 numbers share 32 bytes, and `index % 128 / 32` chooses two bits of each. */
const pair = (bits: Bits, start: number, index: number) =>
  bits(start + Math.floor(index / 128) * 32, (index % 32) * 8 + Math.floor((index % 128) / 32) * 2, 2);
/** Every 64 numbers share 32 bytes, the first half the lower four bits. */
const half64 = (bits: Bits, start: number, index: number) =>
  bits(start + Math.floor(index / 64) * 32, (index % 32) * 8 + (index % 64 < 32 ? 0 : 4), 4);

/** Six bits of a scale (`which` 0) or an offset (1) of Q4_K and Q5_K. */
function six(bits: Bits, start: number, group: number, which: 0 | 1): number {
  const own = start + which * 4;
  if (group < 4) return bits(own + group, 0, 6);
  return bits(start + 4 + group, which * 4, 4) + 16 * bits(own + group - 4, 6, 2);
}

function withOffsets(numberOf: (bits: Bits, index: number) => number): Parts {
  return (bits, half, index) => {
    const group = Math.floor(index / 32);
    return [fround(half(0) * six(bits, 4, group, 0)), numberOf(bits, index), -fround(half(2) * six(bits, 4, group, 1))];
  };
}

const PARTS: Readonly<Record<UnpackedType, Parts>> = {
  Q4_0: (bits, half, index) => [half(0), nibble(bits, 2, index) - 8],
  Q4_1: (bits, half, index) => [half(0), nibble(bits, 4, index), half(2)],
  Q5_0: (bits, half, index) => [half(0), nibble(bits, 6, index) + 16 * bits(2, index, 1) - 16],
  Q5_1: (bits, half, index) => [half(0), nibble(bits, 8, index) + 16 * bits(4, index, 1), half(2)],
  Q8_0: (bits, half, index) => [half(0), signed(bits(2 + index, 0, 8))],
  Q2_K: (bits, half, index) => {
    const group = Math.floor(index / 16);
    return [fround(half(80) * bits(group, 0, 4)), pair(bits, 16, index), -fround(half(82) * bits(group, 4, 4))];
  },
  Q3_K: (bits, half, index) => {
    const group = Math.floor(index / 16);
    const scale =
      bits(96 + (group % 8), group < 8 ? 0 : 4, 4) + 16 * bits(104 + (group % 4), Math.floor(group / 4) * 2, 2);
    const hasHigh = bits(index % 32, Math.floor(index / 32), 1) === 1;
    return [fround(half(108) * (scale - 32)), pair(bits, 32, index) - (hasHigh ? 0 : 4)];
  },
  Q4_K: withOffsets((bits, index) => half64(bits, 16, index)),
  Q5_K: withOffsets((bits, index) => half64(bits, 48, index) + 16 * bits(16 + (index % 32), Math.floor(index / 32), 1)),
  Q6_K: (bits, half, index) => {
    const within = index % 128;
    const low = bits(Math.floor(index / 128) * 64 + (within % 64), within < 64 ? 0 : 4, 4);
    return [
      fround(half(208) * signed(bits(192 + Math.floor(index / 16), 0, 8))),
      low + 16 * pair(bits, 128, index) - 32,
    ];
  },
  IQ4_NL: (bits, half, index) => [half(0), IQ4_VALUES[nibble(bits, 2, index)] ?? 0],
  IQ4_XS: (bits, half, index) => {
    const group = Math.floor(index / 32);
    const scale = bits(4, group * 4, 4) + 16 * bits(2, group * 2, 2) - 32;
    return [fround(half(0) * scale), IQ4_VALUES[nibble(bits, 8 + group * 16, index % 32)] ?? 0];
  },
};

/**
 * The numbers of blocks, for comparison: each is looked up by its index, bit by bit, with none of the code that unpacks
 * them for writing.
 */
export function makeBlockNumbers(type: UnpackedType): (bytes: Uint8Array) => Float32Array {
  const { elements, bytes: size } = GGUF_BLOCKS[type];
  const parts = PARTS[type];
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const numbers = new Float32Array((bytes.length / size) * elements);
    for (let block = 0, to = 0; block < bytes.length; block += size) {
      const bits: Bits = (start, at, count) =>
        ((bytes[block + start + (at >> 3)] ?? 0) >> (at & 7)) & ((1 << count) - 1);
      const half: Half = (at) => view.getFloat16(block + at, true);
      for (let index = 0; index < elements; index += 1, to += 1) {
        const [scale, number, offset] = parts(bits, half, index);
        const product = fround(scale * number);
        numbers[to] = offset === undefined ? product : product + offset;
      }
    }
    return numbers;
  };
}

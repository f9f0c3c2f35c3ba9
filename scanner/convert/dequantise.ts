import { type Dtype, GGUF_BLOCKS, type GgufBlockType } from '../tensors/index.ts';

/** Unpacks whole blocks from `from` on into singles, block after block. */
export type Dequantise = (bytes: Uint8Array, into: Float32Array) => void;

/** One block: where it begins in `bytes`, and where its numbers go. `half` reads a half-precision number at an offset. */
type UnpackBlock = (
  bytes: Uint8Array,
  at: number,
  into: Float32Array,
  to: number,
  half: (at: number) => number,
) => void;

const { fround } = Math;

/** Values of a 4-bit number in IQ4_NL and IQ4_XS (ggml `kvalues_iq4nl`). */
export const IQ4_VALUES = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** Halves of 32 numbers of 4 bits: the lower ones are the first sixteen. */
function unpackNibbles(type: 'Q4_0' | 'Q4_1' | 'IQ4_NL'): UnpackBlock {
  return (bytes, at, into, to, half) => {
    const scale = half(at);
    const least = type === 'Q4_1' ? half(at + 2) : 0;
    const first = at + (type === 'Q4_1' ? 4 : 2);
    for (let i = 0; i < 16; i += 1) {
      const byte = bytes[first + i] as number;
      const low = byte & 0xf;
      const high = byte >> 4;
      if (type === 'Q4_0') {
        into[to + i] = scale * (low - 8);
        into[to + 16 + i] = scale * (high - 8);
      } else if (type === 'Q4_1') {
        into[to + i] = fround(scale * low) + least;
        into[to + 16 + i] = fround(scale * high) + least;
      } else {
        into[to + i] = scale * (IQ4_VALUES[low] as number);
        into[to + 16 + i] = scale * (IQ4_VALUES[high] as number);
      }
    }
  };
}

/** As four bits, with the fifth of each number in a word of its own. */
function unpackFives(hasLeast: boolean): UnpackBlock {
  return (bytes, at, into, to, half) => {
    const scale = half(at);
    const least = hasLeast ? half(at + 2) : 0;
    const word = at + (hasLeast ? 4 : 2);
    for (let i = 0; i < 16; i += 1) {
      const byte = bytes[word + 4 + i] as number;
      const fifth = ((bytes[word + (i >> 3)] as number) >> (i & 7)) & 1;
      const fifthOfHigh = ((bytes[word + 2 + (i >> 3)] as number) >> (i & 7)) & 1;
      const low = (byte & 0xf) | (fifth << 4);
      const high = (byte >> 4) | (fifthOfHigh << 4);
      into[to + i] = hasLeast ? fround(scale * low) + least : scale * (low - 16);
      into[to + 16 + i] = hasLeast ? fround(scale * high) + least : scale * (high - 16);
    }
  };
}

function unpackBytes(
  bytes: Uint8Array,
  at: number,
  into: Float32Array,
  to: number,
  half: (at: number) => number,
): void {
  const scale = half(at);
  for (let i = 0; i < 32; i += 1) into[to + i] = scale * (((bytes[at + 2 + i] as number) << 24) >> 24);
}

const unpackQ2K: UnpackBlock = (bytes, at, into, to, half) => {
  const scale = half(at + 80);
  const least = half(at + 82);
  for (let group = 0; group < 16; group += 1) {
    const packed = bytes[at + group] as number;
    const step = fround(scale * (packed & 0xf));
    const offset = fround(least * (packed >> 4));
    // Every 128 numbers share 32 bytes, and each quarter of them two bits of each byte.
    const first = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    for (let i = 0; i < 16; i += 1)
      into[to + group * 16 + i] = fround(step * (((bytes[first + i] as number) >> shift) & 3)) - offset;
  }
};

const unpackQ3K: UnpackBlock = (bytes, at, into, to, half) => {
  const scale = half(at + 108);
  const scales = at + 96;
  for (let group = 0; group < 16; group += 1) {
    const low = ((bytes[scales + (group & 7)] as number) >> (group < 8 ? 0 : 4)) & 0xf;
    const high = ((bytes[scales + 8 + (group & 3)] as number) >> ((group >> 2) * 2)) & 3;
    const step = fround(scale * ((low | (high << 4)) - 32));
    const inner = (group & 1) * 16;
    const first = at + 32 + (group >> 3) * 32 + inner;
    const shift = ((group >> 1) & 3) * 2;
    const bit = group >> 1;
    for (let i = 0; i < 16; i += 1) {
      const two = ((bytes[first + i] as number) >> shift) & 3;
      const third = ((bytes[at + inner + i] as number) >> bit) & 1;
      into[to + group * 16 + i] = step * (two - (third === 1 ? 0 : 4));
    }
  }
};

/** Six bits of scale and six of offset for each of eight groups, in twelve bytes (ggml `get_scale_min_k4`). */
function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + group] as number) & 63;
  return ((bytes[at + 4 + group] as number) & 0xf) | (((bytes[at + group - 4] as number) >> 6) << 4);
}

function offsetOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return (bytes[at + 4 + group] as number) & 63;
  return ((bytes[at + 4 + group] as number) >> 4) | (((bytes[at + group] as number) >> 6) << 4);
}

/** Q4_K, and Q5_K, which has the fifth bits between scales and numbers. */
function unpackWithOffsets(hasFifth: boolean): UnpackBlock {
  return (bytes, at, into, to, half) => {
    const scale = half(at);
    const least = half(at + 2);
    const numbers = at + 16 + (hasFifth ? 32 : 0);
    for (let group = 0; group < 8; group += 1) {
      const step = fround(scale * scaleOf(bytes, at + 4, group));
      const offset = fround(least * offsetOf(bytes, at + 4, group));
      const first = numbers + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      for (let i = 0; i < 32; i += 1) {
        let number = ((bytes[first + i] as number) >> shift) & 0xf;
        if (hasFifth) number |= (((bytes[at + 16 + i] as number) >> group) & 1) << 4;
        into[to + group * 32 + i] = fround(step * number) - offset;
      }
    }
  };
}

const unpackQ6K: UnpackBlock = (bytes, at, into, to, half) => {
  const scale = half(at + 208);
  for (let group = 0; group < 16; group += 1) {
    const step = fround(scale * (((bytes[at + 192 + group] as number) << 24) >> 24));
    const part = group >> 3;
    const quarter = (group >> 1) & 3;
    const inner = (group & 1) * 16;
    const low = at + part * 64 + (quarter & 1) * 32 + inner;
    const high = at + 128 + part * 32 + inner;
    const lowShift = quarter < 2 ? 0 : 4;
    for (let i = 0; i < 16; i += 1) {
      const four = ((bytes[low + i] as number) >> lowShift) & 0xf;
      const two = ((bytes[high + i] as number) >> (quarter * 2)) & 3;
      into[to + group * 16 + i] = step * ((four | (two << 4)) - 32);
    }
  }
};

const unpackIQ4XS: UnpackBlock = (bytes, at, into, to, half) => {
  const scale = half(at);
  const highs = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  for (let group = 0; group < 8; group += 1) {
    const low = ((bytes[at + 4 + (group >> 1)] as number) >> ((group & 1) * 4)) & 0xf;
    const step = fround(scale * ((low | (((highs >> (2 * group)) & 3) << 4)) - 32));
    const first = at + 8 + group * 16;
    for (let i = 0; i < 16; i += 1) {
      const byte = bytes[first + i] as number;
      into[to + group * 32 + i] = step * (IQ4_VALUES[byte & 0xf] as number);
      into[to + group * 32 + 16 + i] = step * (IQ4_VALUES[byte >> 4] as number);
    }
  }
};

const UNPACK = {
  Q4_0: unpackNibbles('Q4_0'),
  Q4_1: unpackNibbles('Q4_1'),
  Q5_0: unpackFives(false),
  Q5_1: unpackFives(true),
  Q8_0: unpackBytes,
  Q2_K: unpackQ2K,
  Q3_K: unpackQ3K,
  Q4_K: unpackWithOffsets(false),
  Q5_K: unpackWithOffsets(true),
  Q6_K: unpackQ6K,
  IQ4_NL: unpackNibbles('IQ4_NL'),
  IQ4_XS: unpackIQ4XS,
} as const satisfies Partial<Record<GgufBlockType, UnpackBlock>>;

export type UnpackedType = keyof typeof UNPACK;

/** True for types whose numbers can be unpacked. The others are listed, and stay as they are. */
export function isUnpackable(dtype: Dtype): dtype is UnpackedType {
  return Object.hasOwn(UNPACK, dtype);
}

/**
 * Unpacks blocks into the singles that ggml makes of them (`ggml-quants.c`, `dequantize_row_*`), each product and sum
 * rounded to a single as there.
 */
export function makeDequantise(type: UnpackedType): Dequantise {
  const unpack: UnpackBlock = UNPACK[type];
  const { elements, bytes: size } = GGUF_BLOCKS[type];
  return (bytes, into) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const half = (at: number) => view.getFloat16(at, true);
    for (let at = 0, to = 0; at < bytes.length; at += size, to += elements) unpack(bytes, at, into, to, half);
  };
}

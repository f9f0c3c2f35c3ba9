import { describe, expect, it } from 'vitest';
import { NumberCast } from '#scanner/convert/cast.ts';
import { decodeFloat, FLOAT_FORMATS, type TargetDtype } from '#scanner/convert/float-formats.ts';
import { makeRoundingCheck } from '#scanner/convert/rounding-check.ts';
import { DTYPE_BYTES, type Dtype } from '#scanner/tensors/index.ts';

const SMALL: readonly Dtype[] = ['F16', 'BF16', 'F8_E5M2', 'F8_E4M3', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'];
const TARGETS: readonly TargetDtype[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];
const LARGEST: Readonly<Record<TargetDtype, number>> = {
  F32: (2 - 2 ** -23) * 2 ** 127,
  F16: 65504,
  BF16: (2 - 2 ** -7) * 2 ** 127,
  F8_E4M3: 448,
};

function numbersOf(dtype: Dtype, bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / DTYPE_BYTES[dtype] }, (_, i) => {
    if (dtype === 'F64') return view.getFloat64(i * 8, true);
    if (dtype === 'F32') return view.getFloat32(i * 4, true);
    if (dtype === 'F16') return view.getFloat16(i * 2, true);
    const format = FLOAT_FORMATS.get(dtype);
    if (format === undefined) throw new TypeError(dtype);
    return decodeFloat(format.bytes === 1 ? view.getUint8(i) : view.getUint16(i * 2, true), format);
  });
}

/** Every number of a target with its bits, from small to large, zero and up. */
const ladders = new Map(
  (['F16', 'BF16', 'F8_E4M3'] as const).map((dtype) => {
    const bytes = DTYPE_BYTES[dtype];
    const bits = Array.from({ length: 2 ** (8 * bytes - 1) }, (_, i) => i);
    const raw = Uint8Array.from(bits.flatMap((value) => (bytes === 1 ? [value] : [value & 0xff, value >> 8])));
    return [dtype, numbersOf(dtype, raw).filter(Number.isFinite)];
  }),
);

/** The nearest number of the target, found by looking at all of them: what the documentation promises. */
function nearest(value: number, target: TargetDtype): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return target === 'F8_E4M3' ? Math.sign(value) * 448 : value;
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
  if (target === 'F32') return sign * Math.min(Math.fround(size), LARGEST.F32);
  const ladder = ladders.get(target) ?? [];
  let below = 0;
  for (let step = 2 ** 15; step >= 1; step /= 2) if ((ladder[below + step] ?? Number.NaN) <= size) below += step;
  const low = ladder[below] ?? 0;
  const high = ladder[below + 1];
  if (high === undefined) return sign * low;
  const isNearerHigh = size - low > high - size || (size - low === high - size && below % 2 === 1);
  return sign * (isNearerHigh ? high : low);
}

function everyPattern(dtype: Dtype): Uint8Array {
  if (DTYPE_BYTES[dtype] === 1) return Uint8Array.from({ length: 256 }, (_, i) => i);
  return new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
}

/** All numbers of the narrow types, all half-way points between them, and the float32s or doubles beside those. */
function hardNumbers(dtype: 'F32' | 'F64'): Uint8Array {
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 128, 2 ** 127.9, 1e300, 5e-324, 2 ** -149, 2 ** -150];
  for (const ladder of ladders.values()) {
    for (const [index, low] of ladder.entries()) {
      const middle = (low + (ladder[index + 1] ?? low * 1.01)) / 2;
      numbers.push(low, middle, middle * (1 + 2 ** -23), middle * (1 - 2 ** -23));
      if (dtype === 'F64') numbers.push(middle * (1 + 2 ** -45), middle * (1 - 2 ** -45));
    }
  }
  const signed = numbers.flatMap((value) => [value, -value]);
  return new Uint8Array((dtype === 'F32' ? Float32Array : Float64Array).from(signed).buffer);
}

const cases: readonly (readonly [Dtype, TargetDtype, () => Uint8Array])[] = TARGETS.flatMap((target) => [
  ...SMALL.filter((dtype) => dtype !== target).map((dtype) => [dtype, target, () => everyPattern(dtype)] as const),
  ...(target === 'F32' ? [] : [['F32', target, () => hardNumbers('F32')] as const]),
  ['F64', target, () => hardNumbers('F64')] as const,
]);

describe.each(cases)('%s to %s', (from, to, make) => {
  const input = make();
  const cast = new NumberCast(from, to);
  const output = cast.convert(input);
  const numbers = numbersOf(from, input);
  const results = numbersOf(to, output);

  it('is the nearest number, the even one of two, and the largest of those too large', () => {
    const wrong = numbers.findIndex((value, i) => !Object.is(results[i], nearest(value, to)));
    expect(wrong === -1 ? null : { from: numbers[wrong], to: results[wrong] }).toBeNull();
  });

  it('counts what was too large', () => {
    const beyond = numbers.filter((value) => {
      const size = Math.abs(value);
      const next = to === 'F32' ? 2 ** 128 : to === 'F16' ? 65536 : to === 'BF16' ? 2 ** 128 : 480;
      const middle = (LARGEST[to] + next) / 2;
      // Half-way to what would come next rounds to the even one: up where the largest ends in a one.
      return to === 'F8_E4M3' ? size > middle : Number.isFinite(value) && size >= middle;
    });
    expect(cast.saturated).toBe(beyond.length);
  });

  it('passes the check that shares no arithmetic with it, and nothing else does', () => {
    const check = makeRoundingCheck(from, to);
    expect(check(input, output)).toBe(-1);
    const sample = Array.from({ length: 12 }, (_, i) => Math.floor((i * numbers.length) / 12));
    for (const index of sample) {
      if (Number.isNaN(results[index])) continue;
      const changed = Uint8Array.from(output);
      const at = index * DTYPE_BYTES[to];
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(check(input, changed)).toBe(index);
    }
  });
});

it('keeps the sign of zero, and of what rounds to it', () => {
  const input = new Uint8Array(Float32Array.of(-0, 0, -1e-30, 1e-30).buffer);
  expect([...new NumberCast('F32', 'F16').convert(input)]).toEqual([0, 0x80, 0, 0, 0, 0x80, 0, 0]);
});

it.each(['F32', 'F16', 'BF16', 'F8_E4M3'] as const)('counts what is no number on the way to %s', (to) => {
  const cast = new NumberCast('F64', to);
  cast.convert(new Uint8Array(Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, -Number.NaN, 1e300).buffer));
  expect(cast.notNumbers).toBe(2);
  cast.convert(new Uint8Array(Float64Array.of(1, 2).buffer));
  expect(cast.notNumbers).toBe(2);
});

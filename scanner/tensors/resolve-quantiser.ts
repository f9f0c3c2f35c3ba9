import type { InertQuantiser } from './inert.ts';
import type { Quantiser, Tensor } from './types.ts';

/** The numbers of a small tensor, as many as a file may have of scales; null where there are more. */
export type ReadScales = (tensor: Tensor) => Float64Array | null;

/** The numbers of a tensor, and whether they are whole by their type. */
export interface Parameters {
  numbers: Float64Array;
  isWhole: boolean;
}

const SCHEMES: ReadonlyMap<string, 'tensor' | 'channel'> = new Map([
  ['torch.per_tensor_affine', 'tensor'],
  ['torch.per_channel_affine', 'channel'],
  ['torch.per_channel_affine_float_qparams', 'channel'],
]);

/** Checks how a quantized tensor of this shape says that its numbers are meant. A text is the reason to refuse it. */
export function resolveQuantiser(
  inert: InertQuantiser | null,
  shape: readonly number[],
  readTensor: (value: unknown) => Parameters | null,
): Quantiser | string {
  if (inert === null) return 'It is quantized, and its scale is not in the file.';
  const scheme = SCHEMES.get(inert.scheme);
  if (scheme === undefined) return `It is quantized in an unknown way (${inert.scheme || 'none'}).`;
  if (scheme === 'tensor') {
    const { scales, zeroPoints } = inert;
    if (typeof scales !== 'number' || !isInt32(zeroPoints)) return 'Its scale or its zero point is not a number.';
    return { scheme, axis: 0, scales: Float64Array.of(scales), zeroPoints: Float64Array.of(zeroPoints) };
  }
  const { axis } = inert;
  const channels = typeof axis === 'number' && Number.isSafeInteger(axis) ? shape[axis] : undefined;
  if (channels === undefined) return 'The dimension that its scales are for does not exist.';
  const scales = readTensor(inert.scales)?.numbers;
  const zeroPoints = readTensor(inert.zeroPoints);
  if (scales === undefined || zeroPoints === null) return 'Its scales cannot be read.';
  const { numbers, isWhole } = zeroPoints;
  if (scales.length !== channels || numbers.length !== channels)
    return `It has ${channels} channels but ${scales.length} scales and ${numbers.length} zero points.`;
  if (isWhole && !numbers.every(isInt32)) return 'Its zero points are too large.';
  return { scheme, axis: axis as number, scales, zeroPoints: numbers };
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

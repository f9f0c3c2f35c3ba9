/** Numbers of each size in `sizeConditioning`. */
const SIZE_WIDTH = 256;
export const SIZE_FEATURES = 6 * SIZE_WIDTH;
const LONGEST_PERIOD = 10_000;

/**
 * What the network gets of a timestep (0 to 999, fractions too): `width` numbers, cosines first. Each operation is
 * rounded to fp32, as the reference does it: the angles are large, and rounding them otherwise shows.
 */
export function timeFeatures(timestep: number, width: number): Float32Array {
  const half = width / 2;
  const features = new Float32Array(width);
  for (let index = 0; index < half; index += 1) {
    const exponent = Math.fround(Math.fround(-Math.log(LONGEST_PERIOD) * index) / half);
    const angle = Math.fround(Math.fround(timestep) * Math.fround(Math.exp(exponent)));
    features[index] = Math.cos(angle);
    features[half + index] = Math.sin(angle);
  }
  return features;
}

/** Pixels. What SDXL gets of the picture that the training saw, and of the part of it that is rendered. */
export interface PictureSizes {
  height: number;
  width: number;
  top: number;
  left: number;
  targetHeight: number;
  targetWidth: number;
}

/** The vector of SDXL: pooled text, then the six sizes as features of 256 numbers each. */
export function sizeConditioning(pooled: Float32Array, sizes: PictureSizes): Float32Array {
  const { height, width, top, left, targetHeight, targetWidth } = sizes;
  const vector = new Float32Array(pooled.length + SIZE_FEATURES);
  vector.set(pooled);
  for (const [index, size] of [height, width, top, left, targetHeight, targetWidth].entries()) {
    vector.set(timeFeatures(size, SIZE_WIDTH), pooled.length + index * SIZE_WIDTH);
  }
  return vector;
}

/**
 * Weighs the hidden states of one chunk as A1111 does by default (emphasis "Original"): each position's vector times its
 * weight, then all of them times one number that brings their mean back to what it was.
 *
 * `states` is [positions, width] row by row, `weights` [positions]; the answer is a new array. Where the new mean is zero,
 * or so near that the numbers would overflow, the mean stays as it is. Throws RangeError when the sizes do not fit.
 */
export function applyEmphasis(states: Float32Array, weights: Float32Array): Float32Array {
  const width = states.length / weights.length;
  if (!Number.isInteger(width))
    throw new RangeError(`${states.length} numbers do not match ${weights.length} vectors.`);
  if (weights.every((weight) => weight === 1)) return states.slice();
  const weighted = states.map((value, index) => value * weights[Math.floor(index / width)]!);
  const scale = sum(states) / sum(weighted);
  if (!Number.isFinite(scale)) return weighted;
  const scaled = weighted.map((value) => value * scale);
  return scaled.every(Number.isFinite) ? scaled : weighted;
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

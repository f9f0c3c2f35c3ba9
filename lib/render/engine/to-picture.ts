import type { Picture } from '../types.ts';

/** A decoded picture, [3, height, width] from -1 to 1, as RGB bytes; what lies beyond is cut off. */
export function toPicture(decoded: Float32Array, width: number, height: number): Picture {
  const area = width * height;
  const pixels = new Uint8Array(area * 3);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let at = 0; at < area; at += 1) {
      const value = (decoded[channel * area + at] ?? 0) * 0.5 + 0.5;
      pixels[at * 3 + channel] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
    }
  }
  return { width, height, pixels };
}

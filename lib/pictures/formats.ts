import { isPng } from './png-chunks.ts';

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif';

const AVIF_BRANDS = ['avif', 'avis'];
const FOREIGN: [start: string, name: string][] = [
  ['GIF8', 'a GIF'],
  ['BM', 'a BMP'],
  ['II*\0', 'a TIFF'],
  ['MM\0*', 'a TIFF'],
  ['%PDF', 'a PDF'],
  ['<svg', 'an SVG'],
  ['<?xml', 'an SVG'],
  ['\xff\x0a', 'a JPEG XL'],
];

/** What a picture is by its first bytes; its name says nothing. Null for every other content. */
export function pictureFormat(bytes: Uint8Array): PictureFormat | null {
  const head = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (isPng(bytes)) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.slice(4, 8) === 'ftyp' && brands(head).some((brand) => AVIF_BRANDS.includes(brand))) return 'avif';
  return null;
}

function brands(head: string): string[] {
  return [8, 16, 20, 24, 28, 32, 36].map((at) => head.slice(at, at + 4));
}

/** What other content is called, for people: `a GIF`; null where that is unknown. */
export function foreignFormat(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (head.slice(4, 8) === 'ftyp') return head.slice(8, 11) === 'hei' ? 'a HEIC' : 'a video';
  return FOREIGN.find(([start]) => head.startsWith(start))?.[1] ?? null;
}

import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import type { Picture } from '#lib/render/index.ts';

/** A picture with a different colour at every place. */
export function makePicture(width: number, height: number): Picture {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    return [(x * 255) / width, (y * 255) / height, (x + y) % 256][index % 3] ?? 0;
  });
  return { width, height, pixels };
}

export function open({ width, height, pixels }: Picture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** The PNG with chunks before its pixels, or where so asked at its end. */
export function withChunks(png: Buffer, chunks: readonly Buffer[], place: 'start' | 'end' = 'start'): Buffer {
  const at = place === 'start' ? 33 : png.length - 12;
  return Buffer.concat([png.subarray(0, at), ...chunks, png.subarray(at)]);
}

/** A PNG that holds texts by keyword. */
export async function pngWith(texts: Record<string, string>): Promise<Buffer> {
  const chunks = Object.entries(texts).map(([keyword, text]) =>
    chunk('iTXt', Buffer.from(`${keyword}\0\0\0\0\0${text}`, 'utf8')),
  );
  return withChunks(await open(makePicture(8, 8)).png().toBuffer(), chunks);
}

/** A TIFF block with one UserComment, in either byte order. */
export function exifWith(comment: Buffer, order: 'II' | 'MM'): Buffer {
  const head = Buffer.alloc(44);
  const u16 = (value: number, at: number) =>
    order === 'II' ? head.writeUInt16LE(value, at) : head.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    order === 'II' ? head.writeUInt32LE(value, at) : head.writeUInt32BE(value, at);
  head.write(order, 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  for (const [at, tag, type, count, value] of [
    [8, 0x8769, 4, 1, 26],
    [26, 0x9286, 7, comment.length, 44],
  ] as const) {
    u16(1, at);
    u16(tag, at + 2);
    u16(type, at + 4);
    u32(count, at + 6);
    u32(value, at + 10);
  }
  return Buffer.concat([head, comment]);
}

/** The JPEG with an EXIF block in it. */
export function jpegWith(jpeg: Buffer, exif: Buffer): Buffer {
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), Buffer.from('Exif\0\0', 'latin1'), exif]);
  segment.writeUInt16BE(segment.length - 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

export const INFOTEXT = [
  'a fox in the snow, <lora:detail tweaker:0.75>',
  'second line',
  'Negative prompt: blurry, (low quality:1.4)',
  'Steps: 25, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1234567890, Size: 512x768, ' +
    'Model hash: 6ce0161689, Model: v1-5-pruned, VAE hash: 735e4c3a44, VAE: "vae: the, second", Clip skip: 2, ' +
    'Lora hashes: "detail tweaker: 4b5a6a9f1c2d", TI hashes: "easynegative: c74b4e810b", Version: v1.10.1, ' +
    'Hashes: {"model":"6ce0161689","lora:detail tweaker":"0123456789","embed:easynegative":"c74b4e810b"}',
].join('\n');

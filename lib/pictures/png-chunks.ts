import { crc32, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Largest text of one chunk and of all together, unpacked, in bytes: workflows of ComfyUI have megabytes. */
const MAX_TEXT = 8 * 1024 * 1024;
const MAX_ALL_TEXT = 16 * 1024 * 1024;
const MAX_CHUNKS = 100_000;
const MAX_TEXTS = 100;

interface Chunk {
  type: string;
  data: Buffer;
  /** Whether the check sum is right. */
  isWhole: boolean;
}

/** Whether the bytes begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  if (!isPng(bytes)) return;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = SIGNATURE.length;
  for (let count = 0; count < MAX_CHUNKS && at + 12 <= file.length; count += 1) {
    const length = file.readUInt32BE(at);
    const end = at + 8 + length;
    if (end + 4 > file.length) return;
    const type = file.toString('latin1', at + 4, at + 8);
    // Pixels are checked by whoever decodes them.
    const isWhole = type === 'IDAT' || crc32(file.subarray(at + 4, end)) === file.readUInt32BE(end);
    yield { type, data: file.subarray(at + 8, end), isWhole };
    if (type === 'IEND') return;
    at = end + 4;
  }
}

/** Whether a PNG is an animation. */
export function isAnimatedPng(bytes: Uint8Array): boolean {
  for (const { type } of chunksOf(bytes)) {
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

/**
 * Texts of a PNG by keyword, from `tEXt`, `zTXt` and `iTXt` wherever they stand; the first of a keyword counts. Texts that
 * are broken or larger than 8 MiB unpacked are left out. Never throws.
 */
export function readTextChunks(bytes: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>();
  let room = MAX_ALL_TEXT;
  let tried = 0;
  for (const { type, data, isWhole } of chunksOf(bytes)) {
    if (!isWhole || !Object.hasOwn(READERS, type)) continue;
    tried += 1;
    if (tried > MAX_TEXTS || room <= 0) break;
    const keywordEnd = data.subarray(0, 80).indexOf(0);
    if (keywordEnd < 1) continue;
    const keyword = data.toString('latin1', 0, keywordEnd);
    const text = READERS[type as keyof typeof READERS](data.subarray(keywordEnd + 1), Math.min(room, MAX_TEXT));
    if (text === null || texts.has(keyword)) continue;
    texts.set(keyword, text);
    room -= text.length;
  }
  return texts;
}

const READERS = {
  tEXt: (data: Buffer, limit: number) => (data.length <= limit ? data.toString('latin1') : null),
  zTXt: (data: Buffer, limit: number) => inflate(data.subarray(1), limit)?.toString('latin1') ?? null,
  iTXt: (data: Buffer, limit: number) => {
    const languageEnd = data.indexOf(0, 2);
    const translatedEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1);
    if (translatedEnd < 0) return null;
    const text = data.subarray(translatedEnd + 1);
    if (data[0] === 1) return inflate(text, limit)?.toString('utf8') ?? null;
    return text.length <= limit ? text.toString('utf8') : null;
  },
};

function inflate(data: Buffer, limit: number): Buffer | null {
  try {
    return inflateSync(data, { maxOutputLength: limit });
  } catch {
    return null;
  }
}

/**
 * The PNG with a text under a keyword right after its header: `tEXt` where Latin-1 holds it and `iTXt` in UTF-8 otherwise,
 * as Pillow does. Text chunks of the same keyword are not taken out.
 */
export function insertText(png: Buffer, keyword: string, text: string): Buffer {
  // Readers take a zero for the end.
  const clean = text.replaceAll('\0', '').toWellFormed();
  const isLatin = /^[\0-\xff]*$/.test(clean);
  const data = isLatin
    ? Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), Buffer.from(clean, 'latin1')])
    : Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(clean, 'utf8')]);
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length);
  chunk.write(isLatin ? 'tEXt' : 'iTXt', 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  const afterHeader = SIGNATURE.length + 12 + png.readUInt32BE(SIGNATURE.length);
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}

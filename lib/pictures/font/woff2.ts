import { brotliDecompressSync } from 'node:zlib';

/** Tables that drawing needs, at their place in WOFF2's list of known tags; the others have numbers as well. */
const KNOWN = new Map([
  [0, 'cmap'],
  [1, 'head'],
  [2, 'hhea'],
  [3, 'hmtx'],
  [4, 'maxp'],
  [10, 'glyf'],
  [11, 'loca'],
]);
const MAX_FONT_BYTES = 16 * 1024 * 1024;

export interface Woff2Table {
  bytes: Buffer;
  /** Whether the table was rewritten to compress better, as `glyf` and `hmtx` may be. */
  transformed: boolean;
}

/**
 * Takes a WOFF2 file apart (W3C WOFF File Format 2.0, section 4) into the tables that drawing needs. Throws where the
 * file is no WOFF2 with one font.
 */
export function readWoff2(file: Buffer): Map<string, Woff2Table> {
  if (file.toString('latin1', 0, 4) !== 'wOF2') throw new Error('This is not a WOFF2 file.');
  if (file.toString('latin1', 4, 8) === 'ttcf') throw new Error('WOFF2 files with several fonts are not supported.');
  const count = file.readUInt16BE(12);
  const compressed = file.readUInt32BE(20);
  const directory: { tag: string; length: number; transformed: boolean }[] = [];
  let at = 48;
  const base128 = () => {
    let value = 0;
    for (;;) {
      const byte = file.readUInt8(at);
      at += 1;
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  };
  for (let index = 0; index < count; index += 1) {
    const flags = file.readUInt8(at);
    at += 1;
    const number = flags & 63;
    const tag = number === 63 ? file.toString('latin1', at, at + 4) : (KNOWN.get(number) ?? '');
    if (number === 63) at += 4;
    const version = flags >> 6;
    const transformed = tag === 'glyf' || tag === 'loca' ? version !== 3 : version !== 0;
    const original = base128();
    directory.push({ tag, transformed, length: transformed ? base128() : original });
  }
  const data = brotliDecompressSync(file.subarray(at, at + compressed), { maxOutputLength: MAX_FONT_BYTES });
  const tables = new Map<string, Woff2Table>();
  let offset = 0;
  for (const { tag, length, transformed } of directory) {
    if (tag !== '') tables.set(tag, { bytes: data.subarray(offset, offset + length), transformed });
    offset += length;
  }
  return tables;
}

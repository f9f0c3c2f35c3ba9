import { type Outline, readOutlines } from './outlines.ts';
import { readWoff2, type Woff2Table } from './woff2.ts';

/** A font with TrueType outlines, in its default instance. Lengths are in font units. */
export interface FontFile {
  unitsPerEm: number;
  /** Glyph number of a code point; 0 or none where the font lacks it. */
  glyphs: ReadonlyMap<number, number>;
  outlines: readonly Outline[];
  /** Width of each glyph's place in a line. */
  advances: readonly number[];
}

/** Reads a WOFF2 file. Throws where it lacks what drawing needs. */
export function readFontFile(file: Buffer): FontFile {
  const tables = readWoff2(file);
  const table = (tag: string): Woff2Table => {
    const found = tables.get(tag);
    if (found === undefined) throw new Error(`The font has no table ${tag}.`);
    return found;
  };
  const glyf = table('glyf');
  if (!glyf.transformed) throw new Error('WOFF2 files with untransformed glyphs are not supported.');
  const outlines = readOutlines(glyf.bytes);
  return {
    unitsPerEm: table('head').bytes.readUInt16BE(18),
    glyphs: readCharacters(table('cmap').bytes),
    outlines,
    advances: readAdvances(table('hmtx'), table('hhea').bytes.readUInt16BE(34), outlines.length),
  };
}

/** Widths of all glyphs; those after the last written one share its width. */
function readAdvances({ bytes, transformed }: Woff2Table, written: number, glyphs: number): number[] {
  // The transformed table holds all widths first, after a byte of flags; the plain one pairs each with a bearing.
  const width = (index: number) => (transformed ? bytes.readUInt16BE(1 + index * 2) : bytes.readUInt16BE(index * 4));
  return Array.from({ length: glyphs }, (_, glyph) => width(Math.min(glyph, written - 1)));
}

/** Code points of the `cmap` sub-tables of formats 4 and 12, which is where Unicode stands. */
function readCharacters(cmap: Buffer): Map<number, number> {
  const characters = new Map<number, number>();
  for (let index = 0; index < cmap.readUInt16BE(2); index += 1) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + index * 8 + 4));
    const format = table.readUInt16BE(0);
    if (format === 4) readSegments(table, characters);
    if (format === 12) readGroups(table, characters);
  }
  return characters;
}

function readSegments(table: Buffer, characters: Map<number, number>): void {
  const doubled = table.readUInt16BE(6);
  for (let at = 0; at < doubled; at += 2) {
    const end = table.readUInt16BE(14 + at);
    const start = table.readUInt16BE(16 + doubled + at);
    const delta = table.readUInt16BE(16 + doubled * 2 + at);
    const rangeAt = 16 + doubled * 3 + at;
    const range = table.readUInt16BE(rangeAt);
    for (let code = start; code <= end && code !== 0xffff; code += 1) {
      const listed = range === 0 ? code : table.readUInt16BE(rangeAt + range + (code - start) * 2);
      const glyph = range !== 0 && listed === 0 ? 0 : (listed + delta) & 0xffff;
      if (glyph !== 0) characters.set(code, glyph);
    }
  }
}

function readGroups(table: Buffer, characters: Map<number, number>): void {
  const groups = table.readUInt32BE(12);
  for (let at = 16; at < 16 + groups * 12; at += 12) {
    const start = table.readUInt32BE(at);
    const end = Math.min(table.readUInt32BE(at + 4), 0x10ffff);
    const glyph = table.readUInt32BE(at + 8);
    for (let code = start; code <= end; code += 1) characters.set(code, glyph + code - start);
  }
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type FontFile, readFontFile } from './font-file.ts';
import type { Outline, OutlinePoint } from './outlines.ts';

// Inter stands in one file for each script; most labels need the first alone.
const SCRIPTS = ['latin', 'latin-ext', 'cyrillic', 'greek', 'vietnamese', 'cyrillic-ext', 'greek-ext'] as const;
/** The glyph that a font draws for a character it lacks: a box. */
const MISSING = 0;
const require = createRequire(import.meta.url);
const loaded = new Map<string, FontFile>();

/** Width of a line of text in pixels. `size` is the height of an em in pixels. */
export function measureText(text: string, size: number): number {
  return glyphsOf(text).reduce((sum, { font, glyph }) => sum + scaled(font, font.advances[glyph] ?? 0, size), 0);
}

/**
 * The line of text as data of an SVG path whose base line begins at (x, y), in pixels. Drawn with Inter, which comes from
 * npm, so that pictures look the same where no fonts are installed. A character that Inter lacks is drawn as a box.
 */
export function textPath(text: string, x: number, y: number, size: number): string {
  let left = x;
  return glyphsOf(text)
    .map(({ font, glyph }) => {
      const path = outlinePath(font.outlines[glyph] ?? [], (point) => ({
        x: left + scaled(font, point.x, size),
        y: y - scaled(font, point.y, size),
      }));
      left += scaled(font, font.advances[glyph] ?? 0, size);
      return path;
    })
    .join('');
}

function scaled(font: FontFile, units: number, size: number): number {
  return (units * size) / font.unitsPerEm;
}

/** The shortest piece of the text with an ellipsis that is no wider than so many pixels; the text itself where it fits. */
export function shortenText(text: string, size: number, width: number): string {
  if (measureText(text, size) <= width) return text;
  const characters = [...text];
  let kept = 0;
  let widthLeft = width - measureText('…', size);
  for (const character of characters) {
    widthLeft -= measureText(character, size);
    if (widthLeft < 0) break;
    kept += 1;
  }
  return `${characters.slice(0, kept).join('').trimEnd()}…`;
}

/** The text in at most so many lines of at most so many pixels, broken between words; the last is shortened. */
export function wrapText(text: string, size: number, width: number, lines: number): string[] {
  const wrapped: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = wrapped.at(-1);
    if (last !== undefined && (wrapped.length === lines || measureText(`${last} ${word}`, size) <= width))
      wrapped[wrapped.length - 1] = `${last} ${word}`;
    else wrapped.push(word);
  }
  return wrapped.map((line) => shortenText(line, size, width));
}

function glyphsOf(text: string): { font: FontFile; glyph: number }[] {
  // Composed, because an accent on its own would be set next to its letter.
  return [...text.normalize('NFC')].map((character) => glyphOf(/\s/.test(character) ? ' ' : character));
}

function glyphOf(character: string): { font: FontFile; glyph: number } {
  for (const script of SCRIPTS) {
    const font = fontOf(script);
    const glyph = font.glyphs.get(character.codePointAt(0) ?? 0);
    if (glyph !== undefined) return { font, glyph };
  }
  return { font: fontOf(SCRIPTS[0]), glyph: MISSING };
}

function fontOf(script: string): FontFile {
  let font = loaded.get(script);
  if (font === undefined) {
    font = readFontFile(
      readFileSync(require.resolve(`@fontsource-variable/inter/files/inter-${script}-wght-normal.woff2`)),
    );
    loaded.set(script, font);
  }
  return font;
}

type Place = (point: OutlinePoint) => { x: number; y: number };

/** TrueType's quadratic curves as an SVG path: between two control points lies a point of the curve in the middle. */
function outlinePath(outline: Outline, place: Place): string {
  const show = (point: OutlinePoint) => {
    const { x, y } = place(point);
    return `${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100}`;
  };
  return outline
    .filter((line) => line.length > 1)
    .map((line) => {
      const points = line.flatMap((point, index) => {
        const next = line[(index + 1) % line.length] ?? point;
        return point.onCurve || next.onCurve ? [point] : [point, middle(point, next)];
      });
      const first = points.findIndex(({ onCurve }) => onCurve);
      const turned = [...points.slice(first), ...points.slice(0, first + 1)];
      return `M${turned.map((point, index) => (index === 0 ? show(point) : `${step(turned, index)}${show(point)}`)).join('')}Z`;
    })
    .join('');
}

function middle(a: OutlinePoint, b: OutlinePoint): OutlinePoint {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, onCurve: true };
}

/** The letter before a point: a curve begins with its control point, ends with the point after it, or a line leads there. */
function step(points: readonly OutlinePoint[], index: number): string {
  if (points[index]?.onCurve === false) return 'Q';
  return points[index - 1]?.onCurve === false ? ' ' : 'L';
}

import type { ByteSource } from '../source.ts';

const HEAD_BYTES = 512;

/** Marks that a file begins with, each in latin-1. */
const MARKS: readonly (readonly [mark: string, what: string])[] = [
  ['version https://git-lfs.github.com', "a Git LFS pointer without the file's content"],
  ['\x89PNG\r\n', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['GIF8', 'a GIF image'],
  ['RIFF', 'a WebP image or an audio file'],
  ['%PDF-', 'a PDF document'],
  ['MZ', 'a Windows program'],
  ['\x7fELF', 'a Linux program'],
  ['#!', 'a script'],
];

const SHAPES: readonly (readonly [shape: RegExp, what: string])[] = [
  [
    /^\s*(?:<!doctype html|<html|<head|<\?xml[^>]*>\s*<html)/i,
    'a web page, perhaps a login page that was saved instead of the file',
  ],
  [/^\s*<\?xml/, 'an XML document'],
  [/^\s*[[{]\s*["[{\]}\d]/, 'a JSON document'],
  [/^[\t\n\r -~]+$/, 'a text file'],
];

/** What a file that is no model looks like, in words: `a web page`. Null where nothing is known. */
export function describeAppearance(source: ByteSource): string | null {
  if (source.size === 0) return 'an empty file';
  const bytes = source.read(0, HEAD_BYTES);
  if (bytes.every((byte) => byte === 0)) return 'a file that contains only zeros, probably an incomplete download';
  const head = Buffer.from(bytes).toString('latin1');
  const marked = MARKS.find(([mark]) => head.startsWith(mark));
  return (marked ?? SHAPES.find(([shape]) => shape.test(head)))?.[1] ?? null;
}

/** True for the archives that no program unpacks when it loads a model: 7z and RAR. */
export function isForeignArchive(source: ByteSource): boolean {
  const head = Buffer.from(source.read(0, 6)).toString('latin1');
  return head === '7z\xbc\xaf\x27\x1c' || head === 'Rar!\x1a\x07';
}

import type { FileKind } from './kinds.ts';

/** Bytes at a place, in latin-1, and what they are the mark of. The first that fits counts. */
export const MARKS: readonly (readonly [at: number, mark: string, kind: FileKind, what: string])[] = [
  [0, 'version https://git-lfs.github.com', 'pointer', "a Git LFS pointer without the file's content"],

  [0, '\x89PNG\r\n\x1a\n', 'picture', 'a PNG image'],
  [0, '\xff\xd8\xff', 'picture', 'a JPEG image'],
  [0, 'GIF8', 'picture', 'a GIF image'],
  [8, 'WEBP', 'picture', 'a WebP image'],
  [0, 'II*\0', 'picture', 'a TIFF image'],
  [0, 'MM\0*', 'picture', 'a TIFF image'],
  [0, '8BPS', 'picture', 'a Photoshop image'],
  [0, 'v/1\x01', 'picture', 'an OpenEXR image'],
  [0, 'qoif', 'picture', 'a QOI image'],
  [4, 'JXL \r\n\x87\n', 'picture', 'a JPEG XL image'],
  [4, 'jP  \r\n\x87\n', 'picture', 'a JPEG 2000 image'],
  [4, 'ftypavif', 'picture', 'an AVIF image'],
  [4, 'ftypheic', 'picture', 'a HEIC image'],
  [4, 'ftypmif1', 'picture', 'a HEIC image'],
  [4, 'ftyp', 'video', 'a video'],
  [0, '\x1a\x45\xdf\xa3', 'video', 'a Matroska or WebM video'],
  [8, 'AVI ', 'video', 'an AVI video'],
  [8, 'WAVEfmt ', 'audio', 'a WAV audio file'],
  [0, 'fLaC', 'audio', 'a FLAC audio file'],
  [0, 'OggS', 'audio', 'an Ogg audio file'],
  [0, 'ID3', 'audio', 'an MP3 audio file'],
  [0, 'OTTO', 'font', 'an OpenType font'],
  [0, 'wOFF', 'font', 'a web font'],
  [0, 'wOF2', 'font', 'a web font'],
  [0, '\0\x01\0\0\0', 'font', 'a TrueType font'],
  [0, '\0\0\0\x01Bud1', 'folder-settings', 'the settings of a macOS folder (.DS_Store)'],
  [0, '\0\x05\x16\x07\0', 'folder-settings', "a macOS file's attributes (AppleDouble)"],

  [0, '\x7fELF', 'program', 'a Linux program'],
  [0, 'MZ', 'program', 'a Windows program'],
  [0, '\xfe\xed\xfa\xce', 'program', 'a macOS program'],
  [0, '\xfe\xed\xfa\xcf', 'program', 'a macOS program'],
  [0, '\xce\xfa\xed\xfe', 'program', 'a macOS program'],
  [0, '\xcf\xfa\xed\xfe', 'program', 'a macOS program'],
  [0, '\xca\xfe\xba\xbe', 'program', 'a Java class or a macOS program'],
  [0, '\xca\xfe\xba\xbf', 'program', 'a macOS program'],
  [0, '\xca\xfe\xd0\x0d', 'program', 'a packed Java program'],
  [0, '\xac\xed\0\x05', 'program', 'a serialized Java object'],
  [0, 'dex\n', 'program', 'an Android program'],
  [0, '\0asm', 'program', 'a WebAssembly program'],
  [0, '\0\0\0\0\0\0\0\0\0\0\0\0Luac', 'program', 'a Lua program'],
  [0, '\x1bLua', 'program', 'a Lua program'],
  [0, '\x1bLJ', 'program', 'a Lua program'],
  [0, 'BC\xc0\xde', 'program', 'LLVM bitcode'],
  [0, '\xde\xc0\x17\x0b', 'program', 'LLVM bitcode'],
  [0, '!<arch>\n', 'program', 'a library of compiled code, or a Debian package'],
  [0, '!<thin>\n', 'program', 'a library of compiled code'],
  [0, '\xed\xab\xee\xdb', 'program', 'an RPM package'],
  [0, 'xar!', 'program', 'a macOS package'],
  [0, 'MSCF', 'program', 'a Windows cabinet'],
  [0, 'ITSF', 'program', 'a Windows help file'],
  [0, 'L\0\0\0\x01\x14\x02\0', 'program', 'a Windows shortcut'],
  [0, '#!', 'script', 'a script'],
  [0, '<?php', 'script', 'a PHP script'],

  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'document', 'a Windows installer, or an Office document'],
  [0, '%PDF-', 'document', 'a PDF document'],
  [0, '{\\rtf', 'document', 'an RTF document'],
  [0, '%!PS', 'document', 'a PostScript document'],
];

/** Magic numbers of Python's byte code stand in two bytes, and a line end behind them (CPython `Lib/importlib/_bootstrap_external.py`). */
export function isPythonByteCode(head: Uint8Array): boolean {
  const number = (head[0] ?? 0) + (head[1] ?? 0) * 256;
  const isKnown = (number >= 3000 && number < 5000) || (number >= 62_000 && number < 62_300);
  return isKnown && head[2] === 0x0d && head[3] === 0x0a && head.length >= 8;
}

/** A Windows bitmap: its mark alone is two letters, so its own size and the header's are compared as well. */
export function isBitmap(head: Uint8Array, size: number): boolean {
  if (head.length < 26 || head[0] !== 0x42 || head[1] !== 0x4d) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return view.getUint32(2, true) === size && [12, 40, 52, 56, 64, 108, 124].includes(view.getUint32(14, true));
}

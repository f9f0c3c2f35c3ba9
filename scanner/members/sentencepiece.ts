import type { ByteSource } from '../source.ts';

/** Real ones have up to 5 MB. */
const MAX_BYTES = 16 * 1024 * 1024;
/** `sentencepiece_model.proto`: pieces, two specifications, test data, a second normalizer. */
const PIECES = 1;
const FIELDS = 5;
const TEXT = 1;

/**
 * True for the vocabulary of SentencePiece (`spiece.model`, `tokenizer.model`): a message of Protocol Buffers that is
 * pieces from its first byte on, each a text with its score, and settings.
 */
export function isSentencePiece(source: ByteSource): boolean {
  if (source.size > MAX_BYTES || source.read(0, 1)[0] !== PIECES * 8 + 2) return false;
  const bytes = source.read(0, source.size);
  let at = 0;
  let pieces = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const length = readVarint(bytes, at + 1);
    const field = tag >> 3;
    if ((tag & 7) !== 2 || field < 1 || field > FIELDS || length === null) return false;
    const end = length.end + length.value;
    if (end > bytes.length) return false;
    if (field === PIECES) {
      if (!isPiece(bytes, length.end, end)) return false;
      pieces += 1;
    }
    at = end;
  }
  return pieces > 0;
}

/** A text, a score of four bytes and a number for its type; the last two may be left out. */
function isPiece(bytes: Uint8Array, start: number, end: number): boolean {
  const text = readVarint(bytes, start + 1);
  if (bytes[start] !== TEXT * 8 + 2 || text === null) return false;
  let at = text.end + text.value;
  if (bytes[at] === 0x15) at += 5;
  if (bytes[at] === 0x18 && at < end) at += 2;
  return at === end;
}

function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return null;
}

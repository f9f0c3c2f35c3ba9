import type { ByteSource } from '../source.ts';

/** Bytes that are decoded at once. */
const CHUNK = 64 * 1024;
/** Of a text in an old encoding, this part at most is not ASCII; of other data, more. */
const MOST_NOT_ASCII = 0.3;
/** Of a text in UTF-16, at least this part is Latin letters. */
const LEAST_LATIN = 0.7;
/** Control characters that texts have: tab, line feed, form feed, carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell texts from other data.
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f]/;

/**
 * The characters of a text, piece by piece: UTF-8, UTF-16 with its mark, or an old encoding of one byte each. Null from
 * the first piece on that is no text; the pieces before it were given.
 */
export function* readText(source: ByteSource, length = source.size): Generator<string | null> {
  const encoding = encodingOf(source, length);
  if (encoding === null) {
    yield null;
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < length; at += CHUNK) {
    const bytes = source.read(at, Math.min(CHUNK, length - at));
    const isLast = at + CHUNK >= length;
    try {
      // What is read is a beginning where it is not all: a character may be cut.
      const text = decoder.decode(bytes, { stream: !isLast || length < source.size });
      if (CONTROL.test(text)) {
        yield null;
        return;
      }
      yield text;
    } catch {
      yield null;
      return;
    }
  }
}

/** True where the first `length` bytes are text. */
export function isText(source: ByteSource, length = source.size): boolean {
  for (const piece of readText(source, Math.min(length, source.size))) if (piece === null) return false;
  return true;
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

function encodingOf(source: ByteSource, length: number): Encoding | null {
  const head = source.read(0, Math.min(CHUNK, length));
  if (head[0] === 0xff && head[1] === 0xfe) return isWideText(head, 1) ? 'utf-16le' : null;
  if (head[0] === 0xfe && head[1] === 0xff) return isWideText(head, 0) ? 'utf-16be' : null;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    decoder.decode(head, { stream: true });
    return 'utf-8';
  } catch {
    const others = head.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
    return others < head.length * MOST_NOT_ASCII ? 'latin1' : null;
  }
}

/** Any two bytes are a character of UTF-16: it counts as text where most are Latin letters, whose upper byte is zero. */
function isWideText(head: Uint8Array, upper: 0 | 1): boolean {
  const count = Math.floor(head.length / 2);
  let zeros = 0;
  for (let at = 2 + upper; at < head.length; at += 2) if (head[at] === 0) zeros += 1;
  return zeros >= (count - 1) * LEAST_LATIN;
}

const TAIL_BYTES = 4096;

/** True where the last kilobytes have nothing in them that a text has not. */
export function hasTextEnd(source: ByteSource): boolean {
  const head = source.read(0, 2);
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  const tail = Buffer.from(source.read(Math.max(0, source.size - TAIL_BYTES), TAIL_BYTES)).toString('latin1');
  return isWide || !CONTROL.test(tail);
}

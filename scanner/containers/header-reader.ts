import { isUtf8 } from 'node:buffer';
import type { ByteSource } from '../source.ts';
import { MalformedSafetensors } from './errors.ts';
import { BACKSLASH, CLOSE_ARRAY, COMMA, QUOTE } from './json-bytes.ts';

const WINDOW = 1024 * 1024;
/** A text is checked in pieces, so that one of a hundred megabytes takes the memory of one piece. */
const PIECE = 64 * 1024;
const LETTER_U = 0x75;

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the JSON of a header byte by byte, with a window of it in memory. Throws MalformedSafetensors. */
export class HeaderReader {
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #end: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #at: number;

  /** The header is the bytes `[start, end)` of the source. */
  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#at = start;
  }

  /** Where it stands in the source. May be set back to where it stood. */
  get position(): number {
    return this.#at;
  }

  set position(at: number) {
    this.#at = at;
  }

  /** The byte here, or -1 behind the end. */
  peek(): number {
    if (this.#at >= this.#end) return -1;
    const byte = this.#window[this.#at - this.#windowStart];
    if (byte !== undefined && this.#at >= this.#windowStart) return byte;
    const bytes = this.#source.read(this.#at, Math.min(WINDOW, this.#end - this.#at));
    this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = this.#at;
    return this.#window[0] ?? -1;
  }

  /** Steps over spaces and, where it is that, over this byte. */
  takeIf(byte: number): boolean {
    this.skipSpace();
    if (this.peek() !== byte) return false;
    this.#at += 1;
    return true;
  }

  /** Steps over these bytes, where they stand here and in the window. */
  takeAll(bytes: Uint8Array): boolean {
    this.peek();
    const start = this.#at - this.#windowStart;
    for (let i = 0; i < bytes.length; i += 1) if (this.#window[start + i] !== bytes[i]) return false;
    this.#at += bytes.length;
    return true;
  }

  skipSpace(): void {
    for (let byte = this.peek(); byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = this.peek())
      this.#at += 1;
  }

  /** A whole number from 0 below 2^53, as JSON writes it. */
  readNumber(): number {
    const plain = this.readPlainNumber();
    if (plain !== null) return plain;
    let digits = '';
    for (let byte = this.peek(); byte >= 0x30 && byte <= 0x39; byte = this.peek()) {
      if (digits.length < 24) digits += String.fromCharCode(byte);
      this.#at += 1;
    }
    if (!/^(?:0|[1-9]\d*)$/.test(digits) || /[.eE]/.test(String.fromCharCode(this.peek() & 0xff)))
      throw this.unreadable();
    const value = Number(digits);
    if (!Number.isSafeInteger(value))
      throw new MalformedSafetensors(`The header contains a number that is too large (${digits}).`);
    return value;
  }

  /** A number of up to 15 digits that ends in the window, as nearly all are; null for any other, with nothing taken. */
  readPlainNumber(): number | null {
    this.peek();
    const window = this.#window;
    const start = this.#at - this.#windowStart;
    let at = start;
    let value = 0;
    let byte = window[at];
    while (byte !== undefined && byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + byte - 0x30;
      at += 1;
      byte = window[at];
    }
    const digits = at - start;
    const isPlain = digits > 0 && digits <= 15 && (digits === 1 || window[start] !== 0x30);
    if (!isPlain || (byte !== COMMA && byte !== CLOSE_ARRAY)) return null;
    this.#at += digits;
    return value;
  }

  /** A text of plain ASCII that ends in the window, as nearly all are; null for any other, with nothing taken. */
  readPlainText(): string | null {
    if (this.peek() !== QUOTE) return null;
    const window = this.#window;
    const start = this.#at - this.#windowStart + 1;
    let at = start;
    let byte = window[at];
    while (byte !== undefined && byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH) {
      at += 1;
      byte = window[at];
    }
    if (byte !== QUOTE || at - start > PIECE) return null;
    this.#at += at - start + 2;
    return window.toString('latin1', start, at);
  }

  /** A text, each piece of which is handed on. */
  readText(take: (piece: string) => void): void {
    const plain = this.readPlainText();
    if (plain !== null) {
      take(plain);
      return;
    }
    if (this.peek() !== QUOTE) throw this.unreadable();
    this.#at += 1;
    let piece: number[] = [];
    let half = '';
    const hand = (isLast: boolean) => {
      const text = half + this.#decode(piece);
      // Two escapes can stand for one character, and the end of a piece may stand between them.
      half = !isLast && /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
      const whole = text.slice(0, text.length - half.length);
      if (!whole.isWellFormed())
        throw new MalformedSafetensors(
          'The header contains an unpaired surrogate (an escape from \\ud800 on), which is not valid text.',
        );
      take(whole);
      piece = [];
    };
    for (;;) {
      const byte = this.peek();
      if (byte < 0) throw this.unreadable();
      if (byte === QUOTE) break;
      const isWhole = piece.length >= PIECE && (byte & 0xc0) !== 0x80;
      if (isWhole) hand(false);
      let length = 1;
      if (byte === BACKSLASH) {
        piece.push(byte);
        this.#at += 1;
        length = this.peek() === LETTER_U ? 5 : 1;
      }
      for (; length > 0; length -= 1) {
        const next = this.peek();
        if (next < 0) throw this.unreadable();
        piece.push(next);
        this.#at += 1;
      }
    }
    hand(true);
    this.#at += 1;
  }

  isAtEnd(): boolean {
    this.skipSpace();
    return this.#at >= this.#end;
  }

  unreadable(): MalformedSafetensors {
    return new MalformedSafetensors(`The header is not valid JSON (at byte ${this.#at - this.#start}).`);
  }

  #decode(piece: readonly number[]): string {
    const bytes = Uint8Array.from(piece);
    if (!isUtf8(bytes)) throw new MalformedSafetensors('The header is not valid UTF-8.');
    try {
      return JSON.parse(`"${lenient.decode(bytes)}"`) as string;
    } catch {
      throw this.unreadable();
    }
  }
}

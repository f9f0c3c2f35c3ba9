import { isUtf8 } from 'node:buffer';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedGguf } from './errors.ts';

const WINDOW = 1024 * 1024;
/** A chat template or a tokenizer as JSON has some megabytes. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/** Reads the header of a GGUF file from its beginning to its end, in either byte order, some of it in memory at a time. */
export class GgufReader {
  readonly #source: ByteSource;
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where in the file the window begins. */
  #start = 0;
  #position = 0;
  littleEndian = true;

  constructor(source: ByteSource, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  /** The offset of the next byte in the file. */
  get position(): number {
    return this.#position;
  }

  /** Bytes from here to the end of the file. */
  get left(): number {
    return this.#source.size - this.#position;
  }

  u8(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }

  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, this.littleEndian);
  }

  /** A count, a length or an offset. Throws where it is larger than any file. */
  u64(what: string): number {
    // Taking may move the window.
    const at = this.#take(8);
    const value = this.#view.getBigUint64(at, this.littleEndian);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedGguf(`${what} is impossible (${value}).`);
    return Number(value);
  }

  /** A number of `bytes` bytes as a text. */
  number(read: (view: DataView, at: number, little: boolean) => number | bigint, bytes: number): string {
    const at = this.#take(bytes);
    return String(read(this.#view, at, this.littleEndian));
  }

  /** The bytes of the next text, which are UTF-8. They hold until the next call. `what` names the text in an error. */
  text(what: () => string): Uint8Array {
    const length = this.u64('The length of a text');
    if (length > this.left) throw endsEarly();
    if (length > MAX_TEXT_BYTES) throw new ContainerLimit(`${what()} is longer than ${MAX_TEXT_BYTES} bytes.`);
    const at = this.#take(length);
    const bytes = this.#bytes.subarray(at, at + length);
    if (!isUtf8(bytes)) throw new MalformedGguf(`${what()} is not UTF-8.`);
    return bytes;
  }

  /** The next bytes, some at a time. */
  *pieces(bytes: number): Generator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      const size = Math.min(left, WINDOW);
      const at = this.#take(size);
      yield this.#bytes.subarray(at, at + size);
      left -= size;
    }
  }

  /** Steps over bytes that stand for numbers alone. */
  skip(bytes: number): void {
    this.#checkRoom(bytes);
    this.#position += bytes;
  }

  #checkRoom(length: number): void {
    if (length > this.left) throw endsEarly();
    if (this.#position + length > this.#maxBytes)
      throw new ContainerLimit(`The header is larger than ${this.#maxBytes} bytes.`);
  }

  /** Has the next bytes in the window and steps over them. Answers where in it they begin. */
  #take(length: number): number {
    const at = this.#position - this.#start;
    if (at + length <= this.#bytes.length && this.#position + length <= this.#maxBytes) {
      this.#position += length;
      return at;
    }
    this.#checkRoom(length);
    this.#bytes = this.#source.read(this.#position, Math.max(length, WINDOW));
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#start = this.#position;
    if (this.#bytes.length < length) throw endsEarly();
    this.#position += length;
    return 0;
  }
}

function endsEarly(): MalformedGguf {
  return new MalformedGguf('The file ends within its header. Probably an incomplete download.');
}

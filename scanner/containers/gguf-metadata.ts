import { ContainerLimit, MalformedGguf } from './errors.ts';
import type { GgufReader } from './gguf-reader.ts';

/** One value of the metadata: as a text, as the numbers of a short list, or only what it is. */
export type GgufValue =
  | { kind: 'text'; text: string }
  | { kind: 'number'; type: number; text: string }
  | { kind: 'list'; type: number; count: number; items: readonly string[] | null };

export interface MetadataLimits {
  /** Values in all lists together. */
  maxValues: number;
  /** Milliseconds since 1970. */
  deadline: number;
  /** Is given every text that could be a template, with the key that it stands under. */
  onText?: ((key: string, text: string) => void) | undefined;
  /** False where only `onText` counts: values are checked, and those that are texts are not kept. */
  keepsTexts: boolean;
}

/** Types of values by their number in a file (GGUF specification, `gguf_metadata_value_type`). */
const TEXT = 8;
const LIST = 9;
const BOOL = 7;
type ReadNumber = (view: DataView, at: number, little: boolean) => number | bigint;
const NUMBERS: ReadonlyMap<number, readonly [bytes: number, read: ReadNumber]> = new Map([
  [0, [1, (view, at) => view.getUint8(at)]],
  [1, [1, (view, at) => view.getInt8(at)]],
  [2, [2, (view, at, little) => view.getUint16(at, little)]],
  [3, [2, (view, at, little) => view.getInt16(at, little)]],
  [4, [4, (view, at, little) => view.getUint32(at, little)]],
  [5, [4, (view, at, little) => view.getInt32(at, little)]],
  [6, [4, (view, at, little) => view.getFloat32(at, little)]],
  [10, [8, (view, at, little) => view.getBigUint64(at, little)]],
  [11, [8, (view, at, little) => view.getBigInt64(at, little)]],
  [12, [8, (view, at, little) => view.getFloat64(at, little)]],
]);

/** Lists of no more are kept: shapes, and sections of a model. Vocabularies are not. */
const KEPT_ITEMS = 64;
const KEPT_TEXT_BYTES = 1024 * 1024;
const MAX_DEPTH = 4;
/** No template that does anything is shorter. */
const MIN_TEMPLATE_BYTES = 12;
/** How many texts of a list are read between two looks at the clock. */
const TEXTS_PER_LOOK = 10_000;

/** Reads values of the metadata, one after another, and checks each. */
export class MetadataReader {
  readonly #reader: GgufReader;
  readonly #limits: MetadataLimits;
  #values = 0;

  constructor(reader: GgufReader, limits: MetadataLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  /** The value of `key`, type first. */
  read(key: string): GgufValue {
    const type = this.#reader.u32();
    if (type === LIST) return this.#readList(key, 0);
    if (type === TEXT) return { kind: 'text', text: this.#readText(key, this.#limits.keepsTexts) ?? '' };
    return { kind: 'number', type, text: this.#readNumber(key, type) };
  }

  #readText(key: string, isKept: boolean): string | null {
    const bytes = this.#reader.text(() => `The value of ${JSON.stringify(key)}`);
    const { onText } = this.#limits;
    const mayRun = onText !== undefined && bytes.length >= MIN_TEMPLATE_BYTES && mayBeTemplate(bytes);
    if (!mayRun && !(isKept && bytes.length <= KEPT_TEXT_BYTES)) return null;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    if (mayRun) onText(key, text);
    return isKept && bytes.length <= KEPT_TEXT_BYTES ? text : null;
  }

  #readNumber(key: string, type: number): string {
    if (type === BOOL) {
      const value = this.#reader.u8();
      if (value > 1) throw new MalformedGguf(`The value of ${JSON.stringify(key)} is neither true nor false.`);
      return value === 1 ? 'true' : 'false';
    }
    const known = NUMBERS.get(type);
    if (known === undefined) throw unknownType(key, type);
    return this.#reader.number(known[1], known[0]);
  }

  #readList(key: string, depth: number): GgufValue {
    if (depth >= MAX_DEPTH) throw new MalformedGguf(`The list ${JSON.stringify(key)} is nested too deeply.`);
    const type = this.#reader.u32();
    const count = this.#reader.u64('The length of a list');
    this.#values += count;
    if (this.#values > this.#limits.maxValues)
      throw new ContainerLimit(`The lists of the metadata have more than ${this.#limits.maxValues} values.`);
    const items: string[] | null = count <= KEPT_ITEMS ? [] : null;
    if (type === LIST) {
      for (let index = 0; index < count; index += 1) this.#readList(key, depth + 1);
      return { kind: 'list', type, count, items: null };
    }
    if (type === TEXT) {
      for (let index = 0; index < count; index += 1) {
        if (index % TEXTS_PER_LOOK === 0) this.#checkTime();
        const text = this.#readText(key, items !== null && this.#limits.keepsTexts);
        if (text !== null) items?.push(text);
      }
      return { kind: 'list', type, count, items: items?.length === count ? items : null };
    }
    if (type === BOOL) {
      for (const piece of this.#reader.pieces(count))
        if (piece.some((value) => value > 1))
          throw new MalformedGguf(`A value of ${JSON.stringify(key)} is neither true nor false.`);
      return { kind: 'list', type, count, items: null };
    }
    const known = NUMBERS.get(type);
    if (known === undefined) throw unknownType(key, type);
    if (count > KEPT_ITEMS) this.#reader.skip(count * known[0]);
    else
      for (let index = 0; index < count; index += 1) {
        const item = this.#reader.number(known[1], known[0]);
        items?.push(item);
      }
    return { kind: 'list', type, count, items };
  }

  #checkTime(): void {
    if (Date.now() > this.#limits.deadline)
      throw new ContainerLimit('Reading the metadata took too long. It was not checked to its end.');
  }
}

function unknownType(key: string, type: number): MalformedGguf {
  return new MalformedGguf(`The value of ${JSON.stringify(key)} has an unknown type (${type}).`);
}

/** Whether the text has a beginning of a Jinja expression or statement. */
function mayBeTemplate(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.includes('{{') || buffer.includes('{%');
}

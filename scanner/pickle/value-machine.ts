import { isAscii, isUtf8 } from 'node:buffer';
import { parseFloat64, parseInteger, parseLittleEndian, parseRawUnicode, parseStringLiteral } from './literals.ts';
import { COST, MachineState } from './machine-state.ts';
import {
  type BytesValue,
  type CallValue,
  type ContainerValue,
  EMPTY_TUPLE,
  FALSE,
  isHashable,
  TRUE,
  type Value,
} from './values.ts';

const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** One value for each number of one and two bytes that was met: lists of millions of them are only as large as the list. */
const SMALL_INTS = new Array<Value | undefined>(0x10000);
/** Larger numbers of which one value is kept: tensors have few different sizes. */
const MAX_SHARED_INTS = 4096;

/** Pushes the values that operands write, in every spelling that a loader takes. */
export class ValueMachine extends MachineState {
  private readonly sharedInts = new Map<number, Value>();

  protected pushInt(value: bigint | null): void {
    this.hold(COST.number);
    this.stack.push({ kind: 'int', value });
  }

  /** A number of two bytes at most, as sizes of tensors are. */
  protected pushSmallInt(number: number): void {
    SMALL_INTS[number] ??= { kind: 'int', value: BigInt(number) };
    this.stack.push(SMALL_INTS[number]);
  }

  /** A number of four bytes. */
  protected pushInt32(number: number): void {
    const shared = this.sharedInts.get(number);
    if (number >= 0 && number < SMALL_INTS.length) this.pushSmallInt(number);
    else if (shared !== undefined) this.stack.push(shared);
    else {
      this.pushInt(BigInt(number));
      if (this.sharedInts.size < MAX_SHARED_INTS) this.sharedInts.set(number, this.top());
    }
  }

  protected pushInteger(line: string, booleans: boolean): void {
    if (booleans && (line === '00' || line === '01')) {
      this.stack.push(line === '01' ? TRUE : FALSE);
      return;
    }
    // What `strtol` finds where there is nothing before a NUL.
    const isNothing = booleans && line.startsWith('\0');
    const number = isNothing
      ? { value: 0n, odd: true }
      : parseInteger(booleans || !line.endsWith('L') ? line : line.slice(0, -1), this.context.limits.numberDigits);
    if (number === null) this.broken('a number cannot be read');
    else if (number.odd)
      this.suspicious('pickle/odd-number', 'A number is written in a way that programs read differently.');
    this.pushInt(number?.value ?? null);
  }

  protected pushLong(bytes: Uint8Array): void {
    const value = parseLittleEndian(bytes, this.context.limits.numberBytes);
    // With the text that it is made from, which stays until V8 cleans up.
    this.hold(bytes.length > 8 && value !== null ? 3 * bytes.length : 0);
    if (value === null) this.suspicious('pickle/odd-number', 'A number is longer than any that a model holds.');
    this.pushInt(value);
  }

  protected pushFloat(line: string): void {
    const number = parseFloat64(line);
    if (number === null) this.broken('a number cannot be read');
    else if (number.odd)
      this.suspicious('pickle/odd-number', 'A number is written in a way that programs read differently.');
    this.hold(COST.number);
    this.stack.push({ kind: 'float', value: number?.value ?? Number.NaN });
  }

  protected pushContainer(kind: ContainerValue['kind'], items: Value[]): void {
    const grows = items.length === 0 && kind !== 'tuple';
    const item = kind === 'tuple' ? COST.fixed : COST.item;
    this.hold(grows ? COST.growing : COST.container + item * items.length);
    this.stack.push({ kind, items });
  }

  protected pushEmptyTuple(): void {
    this.stack.push(EMPTY_TUPLE);
  }

  /** As much of a text as is kept: names are far shorter, and what is shown is shorter still. */
  private keepText(text: string): { kind: 'str'; text: string; cut: boolean } {
    const limit = this.context.limits.keptTextBytes;
    const cut = text.length > limit;
    // A slice would keep the whole alive.
    const kept = cut ? Buffer.from(text.slice(0, limit), 'utf16le').toString('utf16le') : text;
    this.hold(COST.text + 2 * kept.length);
    return { kind: 'str', text: kept, cut };
  }

  protected pushText(text: string): void {
    this.stack.push(this.keepText(text));
  }

  protected pushUnicode(line: string): void {
    const text = parseRawUnicode(line);
    if (text === null) this.broken('a text has an escape that stands for nothing');
    this.pushText(text ?? line);
  }

  protected pushUtf8(bytes: Uint8Array): void {
    if (!isUtf8(bytes) && !isUtf8(replaceSurrogates(bytes))) this.broken('a text is not readable');
    const limit = this.context.limits.keptTextBytes;
    const text = lossy.decode(bytes.subarray(0, limit));
    // V8 keeps a text of ASCII in one byte a letter.
    this.hold(COST.text + (isAscii(bytes) ? 1 : 2) * text.length);
    this.stack.push({ kind: 'str', text, cut: bytes.length > limit });
  }

  protected pushString(line: string): void {
    const text = parseStringLiteral(line);
    if (text === null) this.broken('a text has no quotes or a broken escape');
    if (/\P{ASCII}/u.test(line) || line.trim() !== line)
      this.suspicious('pickle/odd-text', 'A text is written in a way that programs read differently.');
    const bytes = Buffer.from(text ?? '', 'latin1');
    this.context.onBytes(bytes, this.place);
    this.hold(COST.bytes + bytes.length);
    this.stack.push({ ...this.keepText(text ?? ''), bytes });
  }

  protected pushByteString(bytes: Uint8Array): void {
    this.context.onBytes(bytes, this.place);
    const limit = this.context.limits.keptTextBytes;
    const text = Buffer.from(bytes.subarray(0, limit)).toString('latin1');
    this.hold(COST.text + COST.bytes + text.length);
    this.stack.push({ kind: 'str', text, cut: bytes.length > limit, bytes });
  }

  protected pushBytes(kind: BytesValue['kind'], bytes: Uint8Array): void {
    this.context.onBytes(bytes, this.place);
    this.hold(COST.text + COST.bytes);
    this.stack.push({ kind, bytes });
  }

  protected pushDict(items: Value[]): void {
    if (items.length % 2 === 1) {
      this.broken('a dictionary has a key without a value');
      items.pop();
    }
    this.checkKeys(items, 2);
    this.pushContainer('dict', items);
  }

  protected pushFrozenSet(items: Value[]): void {
    this.checkKeys(items, 1);
    this.pushContainer('frozenset', items);
  }

  /** Every `step`th of these must be fit for a key. */
  private checkKeys(items: readonly Value[], step: 1 | 2): void {
    const isFit = items.every((key, index) => index % step !== 0 || isHashable(key));
    if (!isFit) this.broken('a list or dictionary cannot be a key');
  }

  protected putInto(wanted: 'list' | 'dict' | 'set', items: Value[]): void {
    if (wanted === 'dict' && items.length % 2 === 1) {
      this.broken('a dictionary has a key without a value');
      items.pop();
    }
    if (wanted !== 'list') this.checkKeys(items, wanted === 'dict' ? 2 : 1);
    const target = this.top();
    this.hold(COST.item * (items.length + 1));
    this.judge.putInto(target, wanted, this.place);
    if (target.kind === wanted) for (const item of items) (target as ContainerValue).items.push(item);
    else if (target.kind === 'call') this.addTo(target, items);
  }

  private addTo(call: CallValue, items: readonly Value[]): void {
    if (items.length === 0) return;
    if (call.added === null) this.hold(COST.added);
    call.added ??= [];
    for (const item of items) call.added.push(item);
  }
}

/** Half of a surrogate pair, which Python takes in a text and UTF-8 knows not, as another character of three bytes. */
function replaceSurrogates(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let at = copy.indexOf(0xed); at >= 0 && at + 2 < copy.length; at = copy.indexOf(0xed, at + 1)) {
    if ((copy[at + 1] ?? 0) >= 0xa0) copy[at] = 0xee;
  }
  return copy;
}

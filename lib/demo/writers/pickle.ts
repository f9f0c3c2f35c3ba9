import { global, type PyCall, type PyEntry, type PyObject, type PyValue } from './python-value.ts';
import type { TensorSpec } from './tensor-data.ts';

/** Items that Python's pickler puts on the stack at once (`_BATCHSIZE` in CPython's `pickle.py`). */
const BATCH = 1000;

/** What stands for a tensor in the pickle, as `Tensor.__reduce_ex__` answers. Asked in the order of the pickle. */
export type ReduceTensor = (tensor: TensorSpec) => PyValue;

/** The protocol 2 pickle of a value, opcode for opcode as CPython's C pickler writes it, `STOP` included. */
export function writePickle(value: PyValue, reduceTensor?: ReduceTensor): Buffer {
  const pickler = new Pickler(reduceTensor);
  pickler.save(value);
  return pickler.finish();
}

class Pickler {
  readonly #parts: Buffer[] = [Buffer.from([0x80, 2])];
  /** What was written once is fetched again: objects by identity, text by value. */
  readonly #memo = new Map<unknown, number>();
  readonly #reduceTensor: ReduceTensor | undefined;
  #memoised = 0;

  constructor(reduceTensor?: ReduceTensor) {
    this.#reduceTensor = reduceTensor;
  }

  finish(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.from('.')]);
  }

  save(value: PyValue): void {
    if (value === null) this.#code('N');
    else if (typeof value === 'boolean') this.#code(value ? '\x88' : '\x89');
    else if (typeof value === 'number') this.#saveInteger(value);
    else if (!this.#fetch(value)) {
      if (typeof value === 'string') this.#saveText(value);
      else this.#saveObject(value);
    }
  }

  #saveObject(value: PyObject): void {
    switch (value.py) {
      case 'float': {
        const number = Buffer.alloc(8);
        number.writeDoubleBE(value.value);
        this.#code('G', number);
        break;
      }
      case 'bytes':
        this.#saveCall(callForBytes(value.value), value);
        break;
      case 'tuple':
        this.#saveTuple(value.items, value);
        break;
      case 'list':
        this.#code(']');
        this.#memoise(value);
        this.#saveBatches(value.items, 'a', 'e', (item) => this.save(item), true);
        break;
      case 'dict':
        this.#code('}');
        this.#memoise(value);
        this.#saveEntries(value.entries, true);
        break;
      case 'global':
        this.#code('c', Buffer.from(`${value.module}\n${value.name}\n`));
        this.#memoise(value);
        break;
      case 'call':
        this.#saveCall(value, value);
        break;
      case 'persistent':
        this.save(value.id);
        this.#code('Q');
        break;
      case 'tensor':
        if (this.#reduceTensor === undefined) throw new TypeError('A plain pickle cannot contain a tensor.');
        this.save(this.#reduceTensor(value.tensor));
        break;
    }
  }

  #saveText(value: string): void {
    const text = Buffer.from(value);
    this.#code('X', u32(text.length), text);
    this.#memoise(value);
  }

  #saveCall({ callable, args, asNew, entries = [], state }: PyCall, memoKey: unknown): void {
    this.save(callable);
    this.#saveTuple(args, args);
    this.#code(asNew ? '\x81' : 'R');
    this.#memoise(memoKey);
    this.#saveEntries(entries);
    if (state !== undefined) {
      this.save(state);
      this.#code('b');
    }
  }

  #saveTuple(items: readonly PyValue[], memoKey: unknown): void {
    if (items.length === 0) {
      this.#code(')');
      return;
    }
    if (items.length > 3) this.#code('(');
    for (const item of items) this.save(item);
    this.#code(['', '\x85', '\x86', '\x87'][items.length] ?? 't');
    this.#memoise(memoKey);
  }

  #saveEntries(entries: readonly PyEntry[], plain = false): void {
    const save = ([key, value]: PyEntry) => {
      this.save(key);
      this.save(value);
    };
    this.#saveBatches(entries, 's', 'u', save, plain);
  }

  /** A last batch of one item goes without a mark, but in a `plain` list or dict only where it is the only one. */
  #saveBatches<T>(items: readonly T[], one: string, many: string, save: (item: T) => void, plain: boolean): void {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH);
      const marked = batch.length > 1 || (plain && start > 0);
      if (marked) this.#code('(');
      for (const item of batch) save(item);
      this.#code(marked ? many : one);
    }
  }

  #saveInteger(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number; wrap it in float().`);
    if (value >= 0 && value < 0x100) this.#code('K', Buffer.from([value]));
    else if (value >= 0 && value < 0x1_0000) this.#code('M', Buffer.from([value & 0xff, value >> 8]));
    else if (value >= -0x8000_0000 && value < 0x8000_0000) this.#code('J', u32(value));
    else this.saveLong(BigInt(value));
  }

  saveLong(value: bigint): void {
    const digits: number[] = [];
    let rest = value;
    do {
      digits.push(Number(rest & 0xffn));
      rest >>= 8n;
    } while (!((rest === 0n && (digits.at(-1) ?? 0) < 0x80) || (rest === -1n && (digits.at(-1) ?? 0) >= 0x80)));
    this.#code('\x8a', Buffer.from([digits.length, ...digits]));
  }

  #fetch(value: unknown): boolean {
    const index = this.#memo.get(value);
    if (index === undefined) return false;
    if (index < 0x100) this.#code('h', Buffer.from([index]));
    else this.#code('j', u32(index));
    return true;
  }

  #memoise(value: unknown): void {
    const index = this.#memoised++;
    this.#memo.set(value, index);
    if (index < 0x100) this.#code('q', Buffer.from([index]));
    else this.#code('r', u32(index));
  }

  #code(opcode: string, ...operands: readonly Buffer[]): void {
    this.#parts.push(Buffer.from(opcode, 'latin1'), ...operands);
  }
}

/** The pickle of one whole number of any size. */
export function writePickledLong(value: bigint): Buffer {
  const pickler = new Pickler();
  pickler.saveLong(value);
  return pickler.finish();
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** Protocol 2 knows no bytes; Python 3 writes the call that makes them from Latin-1 text. */
function callForBytes(value: Uint8Array): PyCall {
  return value.length === 0
    ? { py: 'call', callable: global('__builtin__', 'bytes'), args: [] }
    : {
        py: 'call',
        callable: global('_codecs', 'encode'),
        args: [Buffer.from(value).toString('latin1'), 'latin1'],
      };
}

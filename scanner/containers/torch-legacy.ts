import { findPickleEnd } from '../pickle/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedContainer } from './errors.ts';

/** A file of `torch.save` before 1.6: five pickles, then the storages in the order of the key list (PyTorch `_legacy_save`). */
export interface TorchLegacy {
  /** The five pickles: magic number, protocol, system, object, storage keys. Offsets in bytes. */
  pickles: { start: number; end: number }[];
  littleEndian: boolean;
  /** By key; `start` is the absolute offset of the first element, behind the count. */
  storages: Map<string, { start: number; elements: number }>;
}

/** Bytes of one element of a storage, or null where its key is not named in the object. */
export type ElementBytesOf = (key: string) => number | null;

const PICKLES = 5;
/** The object pickle of the largest real checkpoints is a few MB. */
const MAX_PICKLES_BYTES = 64 * 1024 * 1024;
const FIRST_READ = 1024 * 1024;

/**
 * Reads the layout. `readObject` gets the bytes of the object pickle and answers how wide each storage's elements are,
 * which only that pickle tells. The pickles take `maxBytes` at most. Throws MalformedContainer where the file ends early.
 */
export function readTorchLegacy(
  source: ByteSource,
  readObject: (pickle: Uint8Array) => ElementBytesOf,
  maxBytes = MAX_PICKLES_BYTES,
): TorchLegacy {
  const { bytes, pickles } = readPickles(source, maxBytes);
  const [, , system, object, keys] = pickles;
  if (system === undefined || object === undefined || keys === undefined) {
    throw new MalformedContainer('The file ends before the end of its five pickles. Probably an incomplete download.');
  }
  const elementBytesOf = readObject(bytes.subarray(object.start, object.end));
  const storages: TorchLegacy['storages'] = new Map();
  let position = keys.end;
  for (const key of readStrings(bytes.subarray(keys.start, keys.end))) {
    const count = source.read(position, 8);
    const elementBytes = elementBytesOf(key);
    if (count.length < 8)
      throw new MalformedContainer(`The file ends before the data of storage ${key}. Probably an incomplete download.`);
    if (elementBytes === null) throw new MalformedContainer(`No tensor defines the data type of storage ${key}.`);
    const elements = Number(new DataView(count.buffer, count.byteOffset).getBigInt64(0, true));
    const end = position + 8 + elements * elementBytes;
    if (elements < 0 || end > source.size)
      throw new MalformedContainer(`The data of storage ${key} is truncated. Probably an incomplete download.`);
    storages.set(key, { start: position + 8, elements });
    position = end;
  }
  return { pickles, littleEndian: !isBigEndian(bytes.subarray(system.start, system.end)), storages };
}

/** Reads until five pickles are whole, twice as far each time: the storages behind them are not touched. */
function readPickles(
  source: ByteSource,
  maxBytes: number,
): { bytes: Uint8Array; pickles: { start: number; end: number }[] } {
  for (let length = FIRST_READ; ; length *= 2) {
    const bytes = source.read(0, Math.min(length, maxBytes));
    const pickles: { start: number; end: number }[] = [];
    let start = 0;
    while (pickles.length < PICKLES) {
      const end = findPickleEnd(bytes, start);
      if (end === null) break;
      pickles.push({ start, end });
      start = end;
    }
    if (pickles.length === PICKLES || length >= source.size || length >= maxBytes) return { bytes, pickles };
  }
}

/** The strings of the key list, in order: a list of BINUNICODE, SHORT_BINUNICODE or (from Python 2) BINSTRING. */
function readStrings(pickle: Uint8Array): string[] {
  const view = new DataView(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  const strings: string[] = [];
  for (let at = 0; at < pickle.length; ) {
    const opcode = String.fromCharCode(pickle[at] ?? 0);
    const prefix = { X: 4, T: 4, U: 1, '\x8c': 1 }[opcode];
    if (prefix !== undefined) {
      const length = prefix === 4 ? view.getUint32(at + 1, true) : view.getUint8(at + 1);
      const start = at + 1 + prefix;
      strings.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(pickle.subarray(start, start + length)));
      at = start + length;
    } else {
      const width = { '\x80': 2, q: 2, h: 2, r: 5, j: 5, '\x95': 9 }[opcode] ?? 1;
      at += width;
    }
  }
  return strings;
}

/** `little_endian` in the system pickle is followed, perhaps after a memo, by NEWTRUE or NEWFALSE (`I00` in protocol 0 and 1). */
function isBigEndian(pickle: Uint8Array): boolean {
  return /little_endian(?:q.|r.{4}|\x94)?(?:\x89|I00\n)/s.test(Buffer.from(pickle).toString('latin1'));
}

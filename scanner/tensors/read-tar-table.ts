import { readTar, type TarMember } from '../containers/index.ts';
import { findPickleEnd } from '../pickle/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedTensors } from './errors.ts';
import { type FlatCheckpoint, flattenCheckpoint } from './flatten.ts';
import { InertTensor, isPlaceholder, StorageHandle } from './inert.ts';
import { rebuildGraph } from './rebuild-graph.ts';
import { type LocateStorage, storageElementBytes } from './resolve-tensor.ts';

/** The records between the numbers take some hundred bytes each, and the object a few megabytes. */
const MAX_PICKLE_BYTES = 256 * 1024 * 1024;
const RECORD_BYTES = 4096;
const MAX_RANK = 64;

interface PlacedStorage {
  className: string;
  /** Absolute offset of the first element. */
  start: number;
  elements: number;
}

/**
 * Reads the tar layout of the first torch releases (`legacy_load` of PyTorch's `torch/serialization.py`): the member
 * `storages` is a count, then for each storage a record `(key, location, class)`, the number of its elements as int64
 * and their bytes, and at the end a list of views `(key, root, offset, elements)`; `tensors` is a count, then for each a
 * record `(key, storage, class)`, its rank, sizes, strides and offset as integers; `pickle` is the object, in which a
 * persistent id is a tensor's or a storage's key. All numbers are little-endian.
 * Throws MalformedTensors (or MalformedContainer) where the archive does not hold these.
 */
export function readTorchTar(source: ByteSource): { checkpoint: FlatCheckpoint; locate: LocateStorage } {
  const members = new Map<string, TarMember>();
  for (const member of readTar(source)) if (member.isFile) members.set(member.name.replace(/^\.\//, ''), member);
  const storages = readStorages(source, needMember(members, 'storages'));
  const tensors = readTensors(source, needMember(members, 'tensors'), storages);

  const object = needMember(members, 'pickle');
  if (object.size > MAX_PICKLE_BYTES) throw new MalformedTensors('The pickle is too large.');
  const graph = rebuildGraph(source.read(object.start, object.size), {
    resolveId: (id) => (Array.isArray(id) && isPlaceholder(id[0]) ? id[0] : tensors.get(keyOf(id))),
  });
  return {
    checkpoint: flattenCheckpoint(graph),
    locate: (key, elementBytes) => {
      const storage = storages.get(key);
      if (storage === undefined) return { refusal: `The archive has no storage ${key}.` };
      return { start: storage.start, size: storage.elements * elementBytes, bigEndian: false };
    },
  };
}

function needMember(members: ReadonlyMap<string, TarMember>, name: string): TarMember {
  const member = members.get(name);
  if (member === undefined) throw new MalformedTensors(`The archive has no entry "${name}", which torch writes.`);
  return member;
}

function readStorages(source: ByteSource, member: TarMember): Map<string, PlacedStorage> {
  const reader = new RecordReader(source, member);
  const storages = new Map<string, PlacedStorage>();
  const count = reader.readCount();
  for (let i = 0; i < count; i += 1) {
    const [key, , storageClass] = reader.readItems();
    const elements = Number(reader.readInt64());
    const className = isPlaceholder(storageClass) ? storageClass.className : '';
    const elementBytes = storageElementBytes(className);
    if (elementBytes === null) {
      throw new MalformedTensors(`The archive contains a storage of an unknown type (${className || 'none'}).`);
    }
    storages.set(keyOf(key), { className, start: reader.skip(elements * elementBytes), elements });
  }

  for (const view of reader.readItems()) {
    const [key, root, offset, elements] = Array.isArray(view) ? (view as unknown[]) : [];
    const whole = storages.get(keyOf(root));
    const elementBytes = storageElementBytes(whole?.className ?? '');
    if (
      whole === undefined ||
      elementBytes === null ||
      !isCount(offset) ||
      !isCount(elements) ||
      offset + elements > whole.elements
    ) {
      throw new MalformedTensors('The archive contains a view outside its storage.');
    }
    storages.set(keyOf(key), { className: whole.className, start: whole.start + offset * elementBytes, elements });
  }
  return storages;
}

function readTensors(
  source: ByteSource,
  member: TarMember,
  storages: ReadonlyMap<string, PlacedStorage>,
): Map<string, InertTensor | StorageHandle> {
  const reader = new RecordReader(source, member);
  const found = new Map<string, InertTensor | StorageHandle>();
  const handles = new Map<string, StorageHandle>();
  for (const [key, { className, elements }] of storages) {
    const handle = new StorageHandle(className, key, elements, 0);
    handles.set(key, handle);
    found.set(key, handle);
  }

  const count = reader.readCount();
  for (let i = 0; i < count; i += 1) {
    const [key, storage] = reader.readItems();
    // Four bytes of the rank, and four more that its first writer left behind it.
    const rank = Number(reader.readInt64() & 0xffffffffn);
    if (rank > MAX_RANK) throw new MalformedTensors(`The archive contains a tensor of ${rank} dimensions.`);
    const size = Array.from({ length: rank }, () => Number(reader.readInt64()));
    const stride = Array.from({ length: rank }, () => Number(reader.readInt64()));
    const offset = Number(reader.readInt64());
    found.set(keyOf(key), new InertTensor({ storage: handles.get(keyOf(storage)), offset, size, stride }));
  }
  return found;
}

/** Walks a member in which small pickles, integers and raw numbers follow one another. Never leaves the member. */
class RecordReader {
  readonly #source: ByteSource;
  readonly #end: number;
  #at: number;

  constructor(source: ByteSource, { start, size }: TarMember) {
    this.#source = source;
    this.#at = start;
    this.#end = start + size;
  }

  readCount(): number {
    const count = this.#readPickle();
    if (!isCount(count)) throw broken();
    return count;
  }

  /** A list or a tuple. */
  readItems(): unknown[] {
    const items = this.#readPickle();
    if (!Array.isArray(items)) throw broken();
    return items as unknown[];
  }

  readInt64(): bigint {
    const bytes = this.#source.read(this.#at, 8);
    if (bytes.length < 8 || this.#at + 8 > this.#end) throw broken();
    this.#at += 8;
    return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true);
  }

  /** Steps over numbers and gives where they begin. */
  skip(length: number): number {
    const start = this.#at;
    if (!isCount(length) || start + length > this.#end) throw broken();
    this.#at += length;
    return start;
  }

  #readPickle(): unknown {
    for (let length = RECORD_BYTES; ; length *= 16) {
      const available = Math.min(length, this.#end - this.#at);
      const bytes = this.#source.read(this.#at, available);
      const end = findPickleEnd(bytes);
      if (end !== null) {
        this.#at += end;
        return rebuildGraph(bytes.subarray(0, end));
      }
      if (available < length || length >= MAX_PICKLE_BYTES) throw broken();
    }
  }
}

function broken(): MalformedTensors {
  return new MalformedTensors('The tensor lists in the archive are damaged.');
}

/** Keys are addresses in the memory of the writer: numbers, or their digits. */
function keyOf(key: unknown): string {
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint' ? String(key) : '';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

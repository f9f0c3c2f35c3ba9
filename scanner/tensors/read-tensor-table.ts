import { readGguf, readSafetensorsHeader, readTorchLegacy, readZip, sniffContainer } from '../containers/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedTensors } from './errors.ts';
import { type FlatCheckpoint, flattenCheckpoint } from './flatten.ts';
import type { StorageHandle } from './inert.ts';
import { readTorchTar } from './read-tar-table.ts';
import { readNumbers } from './read-values.ts';
import { rebuildGraph } from './rebuild-graph.ts';
import type { ReadScales } from './resolve-quantiser.ts';
import { type LocateStorage, resolveTensor, storageElementBytes } from './resolve-tensor.ts';
import { rowMajorStride } from './strides.ts';
import { isSafetensorsDtype, type RefusedTensor, type Tensor, type TensorTable } from './types.ts';

/** A checkpoint's object graph takes a few hundred kilobytes; the numbers lie outside it. */
const MAX_PICKLE_BYTES = 16 * 1024 * 1024;
/** The one name that a safetensors header keeps for itself. */
const RESERVED_NAME = '__metadata__';

/**
 * Lists every tensor of a model file, whatever its container, without unpickling: types, shapes and where the numbers
 * lie. Tensors whose record does not fit the file are in `refused`, with the reason.
 * Throws MalformedTensors (or the container's own error) where there is no table to be had.
 */
export function readTensorTable(source: ByteSource): TensorTable {
  const container = sniffContainer(source);
  switch (container) {
    case 'safetensors':
      return readSafetensorsTable(source);
    case 'gguf':
      return readGgufTable(source);
    case 'torch-zip':
      return readZipTable(source);
    case 'torch-legacy':
      return readLegacyTable(source);
    case 'torch-tar': {
      const { checkpoint, locate } = readTorchTar(source);
      return buildTable(source, checkpoint, locate);
    }
    case 'pickle':
      return readPickleTable(source);
    default:
      throw new MalformedTensors(`Tensors cannot be read from this format (${container}).`);
  }
}

function readSafetensorsTable(source: ByteSource): TensorTable {
  const { header, metadata, dataStart } = readSafetensorsHeader(source);
  const tensors: Tensor[] = [];
  const refused: RefusedTensor[] = [];
  for (const [name, { dtype, shape, begin }] of header) {
    if (!isSafetensorsDtype(dtype)) {
      refused.push({ name, reason: `Its data type (${dtype}) cannot be copied.` });
      continue;
    }
    const elements = shape.reduce((product, size) => product * size, 1);
    const storage = { start: dataStart + begin, elements, offset: 0, stride: rowMajorStride(shape) };
    tensors.push({ name, dtype, shape, storage });
  }
  return { tensors, nonTensors: [], refused, metadata, pickle: null };
}

function readGgufTable(source: ByteSource): TensorTable {
  const { tensors, metadata, bigEndian } = readGguf(source);
  return {
    tensors: tensors.map(({ name, type, shape, start }) => {
      const elements = shape.reduce((product, size) => product * size, 1);
      const storage = { start, elements, offset: 0, stride: rowMajorStride(shape), ...(bigEndian && { bigEndian }) };
      return { name, dtype: type, shape, storage };
    }),
    nonTensors: [],
    refused: [],
    metadata,
    pickle: null,
  };
}

function readZipTable(source: ByteSource): TensorTable {
  const archive = readZip(source);
  const members = new Map(archive.entries.map((entry) => [entry.name, entry]));
  if (members.size !== archive.entries.length) {
    throw new MalformedTensors(
      'The archive has two entries with the same name. Different programs may read different ones.',
    );
  }
  const main = archive.entries.find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (main === undefined) throw new MalformedTensors('The archive has no data.pkl with the tensor names.');

  const root = main.name.slice(0, -'data.pkl'.length);
  const order = members.get(`${root}byteorder`);
  const bigEndian =
    order !== undefined && Buffer.from(archive.readMember(order, 16)).toString('latin1').trim() === 'big';
  const locate: LocateStorage = (key) => {
    const member = members.get(`${root}data/${key}`);
    if (member === undefined) return { refusal: `The archive has no entry data/${key} with its data.` };
    if (member.method !== 0) return { refusal: `Its data (data/${key}) is stored compressed.` };
    if (member.dataOffset + member.size > source.size) return { refusal: `Its data (data/${key}) is truncated.` };
    return { start: member.dataOffset, size: member.size, bigEndian };
  };

  return buildTable(source, flattenCheckpoint(rebuildGraph(archive.readMember(main, MAX_PICKLE_BYTES))), locate);
}

function readLegacyTable(source: ByteSource): TensorTable {
  let graph: unknown;
  const legacy = readTorchLegacy(source, (objectPickle) => {
    const storages = new Map<string, StorageHandle>();
    graph = rebuildGraph(objectPickle, { onStorage: (handle) => storages.set(handle.key, handle) });
    return (key) => {
      const handle = storages.get(key);
      return handle === undefined ? null : storageElementBytes(handle.className);
    };
  });
  const locate: LocateStorage = (key, elementBytes) => {
    const storage = legacy.storages.get(key);
    if (storage === undefined) return { refusal: `The file has no storage ${key} with its data.` };
    return { start: storage.start, size: storage.elements * elementBytes, bigEndian: !legacy.littleEndian };
  };
  return buildTable(source, flattenCheckpoint(graph), locate);
}

function readPickleTable(source: ByteSource): TensorTable {
  if (source.size > MAX_PICKLE_BYTES) throw new MalformedTensors('The pickle is too large.');
  const locate: LocateStorage = () => ({ refusal: 'A plain pickle has no data in a form that can be copied.' });
  return buildTable(source, flattenCheckpoint(rebuildGraph(source.read(0, source.size))), locate);
}

function buildTable(source: ByteSource, checkpoint: FlatCheckpoint, locate: LocateStorage): TensorTable {
  const readScales = limitScales(source);
  const tensors: Tensor[] = [];
  const refused: RefusedTensor[] = [];
  const names = new Set<string>();
  for (const { name, tensor } of checkpoint.tensors) {
    if (name === RESERVED_NAME) {
      refused.push({ name, reason: 'Its name is reserved in safetensors headers.' });
      continue;
    }
    if (names.has(name)) {
      refused.push({ name, reason: 'Another tensor has the same name.' });
      continue;
    }
    names.add(name);
    const resolved = resolveTensor(name, tensor, locate, readScales);
    if ('reason' in resolved) refused.push(resolved);
    else tensors.push(resolved);
  }
  return {
    tensors,
    nonTensors: checkpoint.nonTensors,
    refused,
    metadata: new Map(),
    pickle: checkpoint.structure,
  };
}

/** Scales and zero points of all channels of a file: several times as many as any network has. */
const MAX_SCALES = 4_000_000;

function limitScales(source: ByteSource): ReadScales {
  let left = MAX_SCALES;
  return (tensor) => {
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    if (count > left) return null;
    left -= count;
    return readNumbers(source, tensor);
  };
}

import type { ContainerKind } from '../report/index.ts';
import type { ByteSource } from '../source.ts';

/** Marks at fixed places: FlatBuffers have theirs at byte 4. */
const MARKS: readonly (readonly [at: number, mark: string, kind: ContainerKind])[] = [
  [0, 'lmgg', 'ggml'],
  [0, 'tjgg', 'ggml'],
  [4, 'TFL3', 'tflite'],
  [4, 'PTMF', 'torch-mobile'],
  [4, 'ET12', 'executorch'],
  [0, 'ptrt', 'tensorrt'],
  [0, 'ftrt', 'tensorrt'],
];

/** A message of Protocol Buffers has no magic number: it is recognised by which fields it has, and by their lengths, which fill the file. */
interface MessageShape {
  kind: ContainerKind;
  begins: (head: Uint8Array) => boolean;
  allowed: (field: number) => boolean;
  needed: (field: number) => boolean;
}

const within =
  (...fields: readonly number[]) =>
  (field: number) =>
    fields.includes(field);
/** Field 1, a small number. */
const isVersion = ([tag, value = 0]: Uint8Array) => tag === 0x08 && value >= 1 && value < 0x20;
/** Field 1 of a message, then its field 2 without any parent: the root block is numbered 0. */
const ROOT_BLOCK = Buffer.from(`080010${'ff'.repeat(9)}01`, 'hex');
/** Offset behind a field's tag and the length that follows it. */
const contentStart = (head: Uint8Array, tag: number) => head.findIndex((byte, at) => at > tag && byte < 0x80) + 1;

/** Field numbers from `onnx.proto`, `saved_model.proto`, `Model.proto` of Core ML and `framework.proto` of Paddle. */
const MESSAGES: readonly MessageShape[] = [
  // An IR version, and a graph.
  { kind: 'onnx', begins: isVersion, allowed: within(1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26), needed: within(7) },
  // A specification version, and one of the kinds of model, which are numbered from 200 on.
  {
    kind: 'coreml',
    begins: isVersion,
    allowed: (field) => within(1, 2, 10)(field) || (field >= 200 && field <= 3000),
    needed: (field) => field >= 200,
  },
  // A version of the schema, and graphs whose information about themselves comes first.
  {
    kind: 'tensorflow',
    begins: (head) => head[0] === 0x08 && head[1] === 1 && head[2] === 0x12 && head[contentStart(head, 2)] === 0x0a,
    allowed: within(1, 2),
    needed: within(2),
  },
  {
    kind: 'paddle',
    begins: (head) => head[0] === 0x0a && ROOT_BLOCK.every((byte, at) => head[contentStart(head, 0) + at] === byte),
    allowed: within(1, 2, 4, 5),
    needed: within(1),
  },
];

const HEAD_BYTES = 512;
const MAX_FIELDS = 10_000;
const OPENVINO = /^(?:<\?xml[^>]*>)?\s*<net\b[^>]*\bversion="\d+"/;

/** Which format of another program a file is in. Null where none is known. */
export function findForeignFormat(source: ByteSource): ContainerKind | null {
  const bytes = source.read(0, HEAD_BYTES);
  const head = Buffer.from(bytes).toString('latin1');
  const marked = MARKS.find(([at, mark]) => head.startsWith(mark, at));
  if (marked !== undefined) return marked[2];
  if (OPENVINO.test(head)) return 'openvino';
  const shapes = MESSAGES.filter(({ begins }) => begins(bytes));
  if (shapes.length === 0) return null;
  const fields = readFields(source);
  const fits = shapes.find(({ allowed, needed }) => fields?.every(allowed) && fields.some(needed));
  return fits?.kind ?? null;
}

/** The numbers of the fields, from the first byte of the file to its last. Null where they do not fill it. */
function readFields(source: ByteSource): number[] | null {
  const fields = new Set<number>();
  let at = 0;
  for (let count = 0; at < source.size; count += 1) {
    const tag = readVarint(source, at);
    if (tag === null || count > MAX_FIELDS) return null;
    fields.add(Math.floor(tag.value / 8));
    const wire = tag.value % 8;
    if (wire === 0 || wire === 2) {
      const number = readVarint(source, tag.end);
      if (number === null) return null;
      at = number.end + (wire === 2 ? number.value : 0);
    } else if (wire === 1 || wire === 5) at = tag.end + (wire === 1 ? 8 : 4);
    else return null;
  }
  return at === source.size ? [...fields] : null;
}

function readVarint(source: ByteSource, at: number): { value: number; end: number } | null {
  let value = 0;
  for (const [index, byte] of source.read(at, 10).entries()) {
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return null;
}

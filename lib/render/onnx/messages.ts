import { PbfWriter } from 'pbf';

/**
 * The messages of ONNX that a graph needs, written as protocol buffers (onnx/onnx `onnx.proto3`; the numbers are its field
 * numbers).
 */

/** `TensorProto.DataType`. */
export const ELEMENT_TYPES = {
  F32: 1,
  U8: 2,
  I8: 3,
  U16: 4,
  I16: 5,
  I32: 6,
  I64: 7,
  BOOL: 9,
  F16: 10,
  F64: 11,
  BF16: 16,
  F8_E4M3: 17,
  F8_E4M3FNUZ: 18,
  F8_E5M2: 19,
  F8_E5M2FNUZ: 20,
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** Numbers are written as INT, or as FLOAT where wrapped in `{ float }`. */
export type AttributeValue = number | { float: number } | string | readonly number[];

export interface NodeMessage {
  operator: string;
  /** Empty for ONNX's own operators. */
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, AttributeValue>>;
}

export interface TensorMessage {
  name: string;
  type: ElementType;
  shape: readonly number[];
  /** Little-endian numbers, or where they stand in a file. */
  data: Uint8Array | { location: string; offset: number; length: number };
}

export interface ValueMessage {
  name: string;
  type: ElementType;
  shape: readonly number[];
}

export interface GraphMessage {
  name: string;
  nodes: readonly NodeMessage[];
  initializers: readonly TensorMessage[];
  inputs: readonly ValueMessage[];
  outputs: readonly ValueMessage[];
}

const IR_VERSION = 10;
const TENSOR_EXTERNAL = 1;
const ATTRIBUTE = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 } as const;

/** A whole model file of one graph. `opsets` are the versions of the operators by domain. */
export function encodeModel(graph: GraphMessage, opsets: Readonly<Record<string, number>>): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'weighhouse');
  pbf.writeMessage(7, writeGraph, graph);
  for (const [domain, version] of Object.entries(opsets)) {
    pbf.writeMessage(8, writeOpset, { domain, version });
  }
  return pbf.finish();
}

function writeOpset({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph({ name, nodes, initializers, inputs, outputs }: GraphMessage, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, name);
  for (const tensor of initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode({ operator, domain, inputs, outputs, attributes }: NodeMessage, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  // Named after its result, so that what ONNX Runtime says of it can be found.
  pbf.writeStringField(3, outputs[0] ?? operator);
  pbf.writeStringField(4, operator);
  for (const [name, value] of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, { name, value });
  if (domain !== '') pbf.writeStringField(7, domain);
}

function writeAttribute({ name, value }: { name: string; value: AttributeValue }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, ATTRIBUTE.INT);
  } else if (typeof value === 'string') {
    pbf.writeBytesField(4, new TextEncoder().encode(value));
    pbf.writeVarintField(20, ATTRIBUTE.STRING);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, ATTRIBUTE.FLOAT);
  } else {
    for (const number of value) pbf.writeVarintField(8, number);
    pbf.writeVarintField(20, ATTRIBUTE.INTS);
  }
}

function writeTensor({ name, type, shape, data }: TensorMessage, pbf: PbfWriter): void {
  for (const side of shape) pbf.writeVarintField(1, side);
  pbf.writeVarintField(2, ELEMENT_TYPES[type]);
  pbf.writeStringField(8, name);
  if (data instanceof Uint8Array) {
    pbf.writeBytesField(9, data);
    return;
  }
  for (const [key, value] of Object.entries(data)) pbf.writeMessage(13, writeEntry, { key, value: String(value) });
  pbf.writeVarintField(14, TENSOR_EXTERNAL);
}

function writeEntry({ key, value }: { key: string; value: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValue({ name, type, shape }: ValueMessage, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, { type, shape });
}

type TensorType = Pick<ValueMessage, 'type' | 'shape'>;

function writeType(value: TensorType, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, shape }: TensorType, pbf: PbfWriter): void {
  pbf.writeVarintField(1, ELEMENT_TYPES[type]);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: readonly number[], pbf: PbfWriter): void {
  for (const side of shape) pbf.writeMessage(1, writeSide, side);
}

function writeSide(side: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, side);
}

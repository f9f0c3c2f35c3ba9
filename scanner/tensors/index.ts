export { GGUF_BLOCKS, type GgufBlockType } from '../containers/index.ts';
export { MalformedTensors } from './errors.ts';
export { readTensorTable } from './read-tensor-table.ts';
export { readTensorValues } from './read-values.ts';
export { rowMajorStride } from './strides.ts';
export type * from './types.ts';
export { DTYPE_BYTES, isBlockType, isPackedType, isQuantisedType, isSafetensorsDtype, unitBytes } from './types.ts';

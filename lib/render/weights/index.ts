export { TensorReader } from './tensor-reader.ts';
export { openWeightFile, reshaped, rowsOf, type Weight, type WeightFile } from './weight-file.ts';

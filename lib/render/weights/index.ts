export { listWeights } from './list-weights.ts';
export { readNumbers } from './read-numbers.ts';
export { TensorReader } from './tensor-reader.ts';
export { openWeightFile, reshaped, rowsOf, type Weight, type WeightFile } from './weight-file.ts';

export { findBrokenNumbers, type MeasureOptions, measureTensors, type TensorStatistics } from './measure-tensors.ts';

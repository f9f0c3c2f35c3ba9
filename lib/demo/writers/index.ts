export { writePickle } from './pickle.ts';
export * from './python-value.ts';
export { type SafetensorsOptions, writeSafetensorsFile } from './safetensors.ts';
export type { CheckpointParts, TorchContent } from './state-dict.ts';
export { bytesOf, specsOf, type TensorDtype, type TensorSpec, xoshiro128 } from './tensor-data.ts';
export { type TorchLegacyOptions, writeTorchLegacy } from './torch-legacy.ts';
export { type TorchZipOptions, writeTorchZip } from './torch-zip.ts';

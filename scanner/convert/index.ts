export { NumberCast } from './cast.ts';
export {
  type ConversionOptions,
  type ConversionReport,
  checkGrowth,
  convertToSafetensors,
  DATA_DIGESTS,
} from './convert.ts';
export { isUnpackable, makeDequantise } from './dequantise.ts';
export { ConversionError, type ConversionErrorCode, VerificationError } from './errors.ts';
export { FLOAT_FORMATS, type FloatFormat, floatTable, type TargetDtype } from './float-formats.ts';
export { convertToGguf, type GgufTarget, verifyGguf } from './gguf.ts';
export { planLayout } from './layout.ts';
export { modelSpecOf } from './model-spec.ts';
export { flushFile, flushFolderOf, writeWhole } from './part-file.ts';
export { Q8Cast } from './quantise.ts';
export { ElementReader } from './read-elements.ts';
export {
  type Component,
  type LeftOut,
  type LeftOutReason,
  type OutputTensor,
  type Selection,
  selectTensors,
} from './select.ts';
export { SequentialWriter } from './sequential-writer.ts';
export { splitIntoShards } from './split-shards.ts';
export { SourceTags, type TensorTags } from './tensor-tags.ts';
export { convertToTorchZip, type TorchZipReport, verifyTorchZip } from './torch-zip.ts';
export { type VerificationOptions, verifyConversion } from './verify.ts';
export { type IntendedTensor, verifyWritten } from './verify-written.ts';
export { centralHeader, dataDescriptor, endRecords, localHeader, type StoredMember } from './zip-records.ts';

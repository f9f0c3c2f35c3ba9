export { type ConversionOptions, type ConversionReport, convertToSafetensors } from './convert.ts';
export { ConversionError, type ConversionErrorCode, VerificationError } from './errors.ts';
export { FLOAT_FORMATS, type FloatFormat, floatTable, type TargetDtype } from './float-formats.ts';
export { flushFile, flushFolderOf } from './part-file.ts';
export { ElementReader } from './read-elements.ts';
export type { Component, LeftOut, LeftOutReason, Selection } from './select.ts';
export { convertToTorchZip, type TorchZipReport, verifyTorchZip } from './torch-zip.ts';
export { type VerificationOptions, verifyConversion } from './verify.ts';
export { centralHeader, dataDescriptor, endRecords, localHeader, type StoredMember } from './zip-records.ts';

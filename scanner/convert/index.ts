export { type ConversionOptions, type ConversionReport, convertToSafetensors } from './convert.ts';
export { ConversionError, type ConversionErrorCode, VerificationError } from './errors.ts';
export { type VerificationOptions, verifyConversion } from './verify.ts';

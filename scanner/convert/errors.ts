import { FileError } from '../errors.ts';

export type ConversionErrorCode =
  | 'no-tensors'
  | 'part-of-model'
  | 'tensor-refused'
  | 'no-ema'
  | 'output-too-large'
  | 'header-too-large'
  | 'file-changed';

/** A file that cannot be written as safetensors. The message is one plain sentence for a person. */
export class ConversionError extends FileError {
  override name = 'ConversionError';
  readonly code: ConversionErrorCode;

  constructor(code: ConversionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function fileShrank(): ConversionError {
  return new ConversionError('file-changed', 'The file was truncated during conversion.');
}

/** What was written differs from its source. `tensor` names the first one concerned, where it is one. */
export class VerificationError extends FileError {
  override name = 'VerificationError';
  readonly tensor: string | null;

  constructor(message: string, tensor: string | null = null) {
    super(message);
    this.tensor = tensor;
  }
}

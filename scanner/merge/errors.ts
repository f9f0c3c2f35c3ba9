import { FileError } from '../errors.ts';

export type MergeErrorCode =
  | 'other-base'
  | 'other-shape'
  | 'nothing-to-merge'
  | 'bad-blocks'
  | 'bad-adapter'
  | 'unsupported'
  | 'not-a-number'
  | 'too-large';

/** Models that cannot be merged as asked. The message is one plain sentence for a person. */
export class MergeError extends FileError {
  override name = 'MergeError';
  readonly code: MergeErrorCode;

  constructor(code: MergeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

import { FileError } from '../errors.ts';

/** The file cannot be read as a table of tensors. The message is one plain sentence for a person. */
export class MalformedTensors extends FileError {
  override name = 'MalformedTensors';
}

import { FileError } from '../errors.ts';

/** A folder that cannot be read or converted as one model. The message is one plain sentence for a person. */
export class ModelFolderError extends FileError {
  override name = 'ModelFolderError';
}

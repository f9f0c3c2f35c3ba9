import { FileError } from '../errors.ts';

/** A container whose structure cannot be read to its end. The message is one plain sentence for a person. */
export class MalformedContainer extends FileError {
  override name = 'MalformedContainer';
}

/** A safetensors file that breaks the format's rules. */
export class MalformedSafetensors extends MalformedContainer {
  override name = 'MalformedSafetensors';
}

/** A GGUF file that breaks the format's rules. */
export class MalformedGguf extends MalformedContainer {
  override name = 'MalformedGguf';
}

/** A container that needs more than a scan may take. Nothing is known to be wrong with it. */
export class ContainerLimit extends MalformedContainer {
  override name = 'ContainerLimit';
}

import { packingOf } from '../containers/index.ts';
import { MODEL_ENDINGS, modelEnding } from '../model-files.ts';
import type { ContainerKind } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

const PICKLES: readonly ContainerKind[] = ['pickle', 'torch-zip', 'torch-legacy', 'torch-tar'];

/** Reports a file or entry whose ending promises another content, where programs go by the ending. */
export function checkEnding(
  name: string,
  container: ContainerKind,
  source: ByteSource,
  member: string | undefined,
  inspection: Inspection,
): void {
  const where = member === undefined ? undefined : { member };
  const ending = modelEnding(name);
  const promised = ending === null ? null : MODEL_ENDINGS[ending];
  if (promised?.holds === 'safetensors' && container !== 'safetensors' && container !== 'unknown') {
    inspection.report(
      'container/wrong-extension',
      PICKLES.includes(container) ? 'dangerous' : 'malformed',
      PICKLES.includes(container)
        ? `The file has the extension .${ending}, which excludes Python code, but is a pickle.`
        : `The file has the extension .${ending} but another format (${container}).`,
      where,
    );
  }
  // A zip that lacks the entries by which Keras files are known is one to Keras all the same.
  if (promised?.holds === 'keras' && container === 'zip') {
    inspection.report(
      'container/out-of-scope',
      'incomplete',
      `The file has the extension .${ending}: Keras imports what its config.json names. This format is not supported.`,
      where,
    );
  }
  const packing = packingOf(source.read(0, 16));
  // `.dat` and `.model` are the names of many other things as well.
  const isPickle = promised?.holds === 'torch' || promised?.holds === 'pickle';
  if (isPickle && promised.isCommon !== true && (packing === '7z' || packing === 'rar')) {
    inspection.report(
      'container/packed',
      'dangerous',
      'The file is a 7z or RAR archive with the extension of a model. No model loader opens it; this is a known way to hide from scanners.',
      where,
    );
  }
}

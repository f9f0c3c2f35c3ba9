import { basename, resolve } from 'node:path';
import { type Identity, identify, type Prediction } from '../identify/index.ts';
import { readTensorValues } from '../tensors/index.ts';
import type { OpenModel } from './open-model.ts';

/** What schedulers of diffusers call what the network predicts. */
const PREDICTIONS: ReadonlyMap<string, Prediction> = new Map([
  ['epsilon', 'epsilon'],
  ['v_prediction', 'v'],
  ['flow_prediction', 'flow'],
  ['edm', 'edm'],
]);

/** Components that are parts of what the model is; checkers of images and the like stand next to it. */
const PARTS = /^(?:unet|transformer|vae|text_encoder(?:_\d)?|prior|decoder)(?:_\d)?\./;

/** What the model is as a whole, from the tensors of all its files. */
export function identifyModel({ folder, table, sourceOf }: OpenModel): Identity {
  const tensors = folder.kind === 'shards' ? table.tensors : table.tensors.filter(({ name }) => PARTS.test(name));
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const prediction = folder.predictionType === null ? undefined : PREDICTIONS.get(folder.predictionType);
  return identify(
    { ...table, tensors },
    {
      classes: folder.classes,
      filename: basename(folder.kind === 'shards' ? (folder.index ?? '') : resolve(folder.root)),
      ...(prediction === undefined
        ? {}
        : { scheduler: { value: prediction, detail: `${folder.predictionType}, as the scheduler is set` } }),
      readTensor: (name) => {
        const tensor = byName.get(name);
        return tensor === undefined ? null : readTensorValues(sourceOf(tensor), tensor);
      },
    },
  );
}

import { bytes, call, dict, float, global, list, type PyEntry, type PyValue, tuple } from './writers/index.ts';

/**
 * What PyTorch Lightning leaves next to the weights in the original Stable Diffusion 1.x and 2.x checkpoints: a class
 * as the key of a dictionary, a numpy number, and counters. None of it runs anything.
 */
export function describeTraining(step: number): PyEntry[] {
  const callback = global('pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint');
  const score = numpyDouble(0.1337);
  return [
    ['epoch', 12],
    ['global_step', step],
    ['pytorch-lightning_version', '1.4.2'],
    [
      'callbacks',
      dict([
        [
          callback,
          dict([
            ['monitor', 'val/loss_simple_ema'],
            ['best_model_score', score],
            ['best_model_path', ''],
            ['current_score', score],
            ['dirpath', 'checkpoints'],
          ]),
        ],
      ]),
    ],
    ['optimizer_states', list()],
    ['lr_schedulers', list(dict([['base_lrs', list(float(1e-4))]]))],
  ];
}

/** `numpy.float64(value)` as numpy before 2.0 pickles it. */
function numpyDouble(value: number): PyValue {
  const eight = Buffer.alloc(8);
  eight.writeDoubleLE(value);
  const type = call(global('numpy', 'dtype'), ['f8', false, true], {
    state: tuple(3, '<', null, null, null, -1, -1, 0),
  });
  return call(global('numpy.core.multiarray', 'scalar'), [type, bytes(eight)]);
}

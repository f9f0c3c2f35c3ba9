import { call, dict, global, type PyEntry } from './writers/index.ts';

/** What a poisoned file carries: loading it with Python would run a command. This one only prints a word. */
export function runsCommand(): PyEntry {
  return ['hyper_parameters', call(global('posix', 'system'), ['echo harmless'])];
}

/** An object of a class nobody knows: it may be innocent, and loading it needs a program that is not in the file. */
export function holdsUnknownObject(): PyEntry {
  return [
    'hyper_parameters',
    call(global('studio_trainer.config', 'TrainingConfig'), [], {
      asNew: true,
      state: dict([
        ['batch_size', 4],
        ['optimizer', 'AdamW8bit'],
      ]),
    }),
  ];
}

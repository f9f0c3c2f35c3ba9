import { z } from 'zod';
import type { ImportState } from '../../db/index.ts';
import { defineAction, word } from './define.ts';
import { phrase } from './phrase.ts';

const WORDS: Readonly<Record<ImportState, string>> = {
  searching: 'began to search the folder',
  ready: 'finished the search of the folder',
  running: 'began to import the folder',
  paused: 'paused the import of the folder',
  done: 'finished the import of the folder',
  failed: 'failed to import the folder',
  cancelled: 'cancelled the import of the folder',
};

/** What is done to imports of folders. */
export const IMPORT_ACTIONS = {
  'import.state': defineAction({
    subject: 'import',
    label: 'Imported a folder',
    before: z.object({ state: word<ImportState>() }).optional(),
    after: z.object({ state: word<ImportState>(), message: z.string().optional() }),
    say: ({ subject, after: { state, message } }) => {
      const done = Object.hasOwn(WORDS, state) ? WORDS[state] : `changed to “${state}” the import of`;
      return message === undefined ? phrase`${done} ${subject}` : phrase`${done} ${subject}: ${message}`;
    },
  }),
};

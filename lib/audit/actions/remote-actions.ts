import { z } from 'zod';
import type { RemoteState } from '../../db/index.ts';
import { defineAction, word } from './define.ts';
import { phrase } from './phrase.ts';

const WORDS: Readonly<Record<RemoteState, string>> = {
  queued: 'queued again',
  running: 'started',
  waiting: 'interrupted',
  done: 'finished',
  failed: 'failed to finish',
  cancelled: 'cancelled',
};

/** What is done to imports from links. */
export const REMOTE_ACTIONS = {
  'remote.request': defineAction({
    subject: 'remote',
    label: 'Requested an import from a link',
    after: z.object({ source: z.string() }),
    say: ({ subject }) => phrase`requested the import of ${subject}`,
  }),
  'remote.state': defineAction({
    subject: 'remote',
    label: 'Changed the state of an import from a link',
    before: z.object({ state: word<RemoteState>() }),
    after: z.object({ state: word<RemoteState>(), message: z.string().optional() }),
    say: ({ subject, after: { state, message } }) => {
      const done = Object.hasOwn(WORDS, state) ? WORDS[state] : `changed to “${state}”`;
      return message === undefined
        ? phrase`${done} the import of ${subject}`
        : phrase`${done} the import of ${subject}: ${message}`;
    },
  }),
  'remote.describe': defineAction({
    subject: 'model',
    label: 'Described an imported model',
    after: z.object({ sourceUrl: z.string().nullable(), licence: z.string().nullable() }),
    say: ({ subject, after: { sourceUrl } }) =>
      sourceUrl === null
        ? phrase`described ${subject} as its source does`
        : phrase`described ${subject} as its source does: ${sourceUrl}`,
  }),
  'user.set-site-token': defineAction({
    subject: 'user',
    label: 'Set a token for another site',
    after: z.object({ site: z.string() }),
    say: ({ after: { site } }) => phrase`set a token for ${site}`,
  }),
  'user.remove-site-token': defineAction({
    subject: 'user',
    label: 'Removed a token for another site',
    before: z.object({ site: z.string() }),
    say: ({ before: { site } }) => phrase`removed the token for ${site}`,
  }),
};

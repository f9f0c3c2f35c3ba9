import { z } from 'zod';
import type { MergeState } from '../../db/index.ts';
import type { MergeKind } from '../../merges/client.ts';
import { defineAction, word } from './define.ts';
import { listed, named, phrase } from './phrase.ts';

const KINDS: Readonly<Record<MergeKind, string>> = {
  'weighted-sum': 'weighted sum',
  'add-difference': 'add difference',
  'bake-loras': 'bake LoRAs',
  'combine-loras': 'merge LoRAs',
  'replace-vae': 'replace VAE',
};

/** What is done to merges. */
export const MERGE_ACTIONS = {
  'merge.request': defineAction({
    subject: 'merge',
    label: 'Requested a merge',
    after: z.object({
      kind: word<MergeKind>(),
      name: z.string(),
      models: z.array(z.object({ role: z.string(), modelId: z.number(), name: z.string().optional() })),
    }),
    say: ({ subject, after: { kind, models } }) => {
      const method = Object.hasOwn(KINDS, kind) ? KINDS[kind] : kind;
      const parts = models.map(({ modelId, name }) => [named('model', modelId, name)]);
      return phrase`requested the merge ${subject} of ${listed(parts)} (${method})`;
    },
  }),
  'merge.state': defineAction({
    subject: 'merge',
    label: 'Changed the state of a merge',
    before: z.object({ state: word<MergeState>() }),
    after: z.object({ state: word<MergeState>(), message: z.string().optional(), fileId: z.number().optional() }),
    say: ({ subject, after: { state, message, fileId } }) => {
      const because = message === undefined ? '' : `: ${message}`;
      switch (state) {
        case 'queued':
          return phrase`queued the merge ${subject} again${because}`;
        case 'running':
          return phrase`started the merge ${subject}`;
        case 'done':
          return fileId === undefined
            ? phrase`finished the merge ${subject}`
            : phrase`finished the merge ${subject} as ${named('file', fileId)}`;
        case 'failed':
          return phrase`failed to finish the merge ${subject}${because}`;
        case 'cancelled':
          return phrase`cancelled the merge ${subject}${because}`;
        default:
          return phrase`changed the merge ${subject} to “${state}”${because}`;
      }
    },
  }),
};

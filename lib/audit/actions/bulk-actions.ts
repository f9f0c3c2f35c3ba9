import { z } from 'zod';
import { defineAction } from './define.ts';
import { count, phrase } from './phrase.ts';

/** What is done to changes of many models at once. Each model that is changed has a record of its own besides. */
export const BULK_JOB_ACTIONS = {
  'bulk.request': defineAction({
    subject: 'bulk',
    label: 'Requested a change of many models',
    after: z.object({ title: z.string(), models: z.number() }),
    say: ({ subject, after: { title, models } }) => phrase`requested ${subject} of ${count(models, 'model')}: ${title}`,
  }),
  'bulk.dismiss': defineAction({
    subject: 'bulk',
    label: 'Dismissed proposed identifications',
    after: z.object({ proposals: z.number() }),
    say: ({ subject, after: { proposals } }) => phrase`dismissed ${count(proposals, 'proposal')} of ${subject}`,
  }),
  'bulk.cancel': defineAction({
    subject: 'bulk',
    label: 'Cancelled a change of many models',
    say: ({ subject }) => phrase`cancelled ${subject}`,
  }),
};

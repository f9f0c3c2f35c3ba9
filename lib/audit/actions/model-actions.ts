import { z } from 'zod';
import { BASES, labelOf, TYPES } from '../../catalog/client.ts';
import { defineAction } from './define.ts';
import { count, listed, listWords, named, type Phrase, phrase } from './phrase.ts';

const published = z.object({ published: z.boolean() });
const cover = z.object({ pictureId: z.number().nullable() });
const flagged = z.object({ pictureId: z.number(), nsfw: z.boolean() });

const fields = z.object({
  name: z.string(),
  description: z.string(),
  type: z.string(),
  base: z.string(),
  tags: z.array(z.string()),
  /** Rows of older versions have none. */
  licence: z.string().nullish(),
});
const patch = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  /** Null gives the choice back to what is detected. */
  type: z.string().nullish(),
  base: z.string().nullish(),
  tags: z.array(z.string()).optional(),
  licence: z.string().nullish(),
});

/** What is done to models and to the images that people add to them. */
export const MODEL_ACTIONS = {
  'model.create': defineAction({
    subject: 'model',
    label: 'Created a model',
    after: z.object({ name: z.string() }),
    say: ({ subject }) => phrase`created the model ${subject}`,
  }),
  'model.edit': defineAction({
    subject: 'model',
    label: 'Edited a model',
    before: fields,
    after: patch,
    say: ({ subject, before, after }) => {
      const changes = listChanges(before, after);
      return changes.length === 0 ? phrase`saved ${subject} unchanged` : phrase`edited ${subject}: ${listed(changes)}`;
    },
  }),
  'model.delete': defineAction({
    subject: 'model',
    label: 'Deleted a model',
    before: z.object({
      name: z.string(),
      files: z.array(
        z.object({ filename: z.string(), sourceSha256: z.string(), convertedSha256: z.string().nullable() }),
      ),
    }),
    say: ({ subject, before: { files } }) => phrase`deleted the model ${subject} with ${count(files.length, 'file')}`,
  }),
  'model.identify': defineAction({
    subject: 'model',
    label: 'Requested identification of a model',
    say: ({ subject }) => phrase`requested a new identification of ${subject}`,
  }),
  'model.publish': defineAction({
    subject: 'model',
    label: 'Published a model',
    say: ({ subject }) => phrase`published ${subject}`,
  }),
  'model.unpublish': defineAction({
    subject: 'model',
    label: 'Unpublished a model',
    before: published,
    after: published,
    say: ({ subject }) => phrase`unpublished ${subject}`,
  }),
  'model.cover': defineAction({
    subject: 'model',
    label: 'Set the cover of a model',
    before: cover,
    after: cover,
    say: ({ subject, after: { pictureId } }) =>
      pictureId === null
        ? phrase`reset the cover of ${subject}`
        : phrase`set the cover of ${subject} to ${named('picture', pictureId)}`,
  }),
  'picture.upload': defineAction({
    subject: 'model',
    label: 'Added an image',
    after: z.object({ pictureId: z.number(), sha256: z.string(), filename: z.string().optional() }),
    say: ({ subject, after: { pictureId, filename } }) =>
      phrase`added the image ${named('picture', pictureId, filename)} to ${subject}`,
  }),
  'picture.delete': defineAction({
    subject: 'model',
    label: 'Deleted an image',
    before: z.object({ pictureId: z.number(), sha256: z.string(), filename: z.string() }),
    say: ({ subject, before: { pictureId, filename } }) =>
      phrase`deleted the image ${named('picture', pictureId, filename)} of ${subject}`,
  }),
  'picture.flag': defineAction({
    subject: 'model',
    label: 'Flagged an image',
    before: flagged,
    after: flagged,
    say: ({ subject, after: { pictureId, nsfw } }) =>
      phrase`marked the image ${named('picture', pictureId)} of ${subject} as ${nsfw ? 'NSFW' : 'not NSFW'}`,
  }),
};

function listChanges(before: z.infer<typeof fields>, after: z.infer<typeof patch>): Phrase[] {
  const changes: Phrase[] = [];
  const choice = (title: string, from: string, to: string | null | undefined, name: (id: string) => string) => {
    if (to === undefined || to === from) return;
    changes.push([`${title} from ${name(from)} to ${to === null ? 'what is detected' : name(to)}`]);
  };
  choice('name', before.name, after.name, (name) => `“${name}”`);
  choice('type', before.type, after.type, (id) => labelOf(TYPES, id));
  choice('base model', before.base, after.base, (id) => labelOf(BASES, id));
  if (after.licence !== undefined && after.licence !== (before.licence ?? null))
    changes.push([after.licence === null ? 'removed the license' : `license to “${after.licence}”`]);
  if (after.description !== undefined && after.description !== before.description) changes.push(['description']);
  const added = after.tags?.filter((tag) => !before.tags.includes(tag)) ?? [];
  const removed = after.tags === undefined ? [] : before.tags.filter((tag) => !after.tags?.includes(tag));
  if (added.length > 0) changes.push([`added ${tagWords(added)}`]);
  if (removed.length > 0) changes.push([`removed ${tagWords(removed)}`]);
  return changes;
}

function tagWords(tags: readonly string[]): string {
  return `the ${tags.length === 1 ? 'tag' : 'tags'} ${listWords(tags.map((tag) => `“${tag}”`))}`;
}

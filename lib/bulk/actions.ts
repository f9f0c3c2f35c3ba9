import { z } from 'zod';
import type { AccountAction, Actor } from '../accounts/index.ts';
import { TYPES } from '../catalog/client.ts';
import { BASES, deleteModel, labelOf, MAX_TAGS, MODEL_FIELDS, userChoice } from '../catalog/index.ts';
import { Prisma } from '../db/index.ts';
import { IDENTIFIED_BY_OLDER } from '../ingest/index.ts';
import { renderAgain } from '../previews/index.ts';
import type { Fields, ModelRow } from './fields.ts';
import { proposeIdentity } from './proposals/index.ts';
import type { EachResult } from './types.ts';

/** Changes fields of a model, many in one transaction. What they were is kept, so that it can be taken back. */
interface FieldsAction<Params> {
  kind: 'fields';
  may: AccountAction;
  params: z.ZodType<Params>;
  /** What is done, as a heading: `Add the tags anime, style`. */
  title(params: Params): string;
  /** The fields as they shall be, or the sentence that says why the model is left alone. */
  change(model: ModelRow, params: Params): Partial<Fields> | string;
}

/** Does something with each model on its own that cannot be taken back. May be done twice. */
interface EachAction<Params> {
  kind: 'each';
  may: AccountAction;
  params: z.ZodType<Params>;
  title(params: Params): string;
  /** Which models of a search it is for, as a condition for `m`, and what to say where there are none. */
  only?(params: Params): { models: Prisma.Sql; none: string } | undefined;
  run(actor: Actor, modelId: number, job: { id: number; params: Params }): Promise<EachResult | undefined>;
  /** Whether several models can be done at a time: it reads files, and changes nothing that another does. */
  isParallel?: true;
  /** Whether a model that is gone has what was asked for. */
  isDoneWhenGone?: true;
}

/** Accepts what another job proposed, many in one transaction. What was known is kept, so that it can be taken back. */
interface ProposalsAction<Params> {
  kind: 'proposals';
  may: AccountAction;
  params: z.ZodType<Params>;
  title(params: Params): string;
}

const fieldsAction = <Params>(action: Omit<FieldsAction<Params>, 'kind' | 'may'>): FieldsAction<Params> => ({
  kind: 'fields',
  may: 'model.edit',
  ...action,
});

const tags = z.strictObject({ tags: MODEL_FIELDS.tags.min(1, 'Name at least one tag.') });
const nothing = z.strictObject({});
const quoted = (words: readonly string[]) => (words.length === 0 ? 'none' : words.join(', '));

function changeTags(wanted: readonly string[]): Partial<Fields> | string {
  const all = [...new Set(wanted)].toSorted();
  return all.length > MAX_TAGS ? `A model can have at most ${MAX_TAGS} tags.` : { tags: all };
}

/** Models with files that these rules have not identified. */
const OLDER = {
  models: Prisma.sql`EXISTS (SELECT FROM model_version v JOIN model_file f ON f."versionId" = v.id
                              WHERE v."modelId" = m.id AND ${IDENTIFIED_BY_OLDER})`,
  none: 'All files are identified with the current rules.',
};

/** Everything that can be done with many models at once. */
export const BULK_ACTIONS = {
  'set-tags': fieldsAction({
    params: z.strictObject({ tags: MODEL_FIELDS.tags }),
    title: (params) => `Set the tags to ${quoted(params.tags)}`,
    change: (_, params) => changeTags(params.tags),
  }),
  'add-tags': fieldsAction({
    params: tags,
    title: (params) => `Add the tags ${quoted(params.tags)}`,
    change: (model, params) => changeTags([...model.tags, ...params.tags]),
  }),
  'remove-tags': fieldsAction({
    params: tags,
    title: (params) => `Remove the tags ${quoted(params.tags)}`,
    change: (model, params) => changeTags(model.tags.filter((tag) => !params.tags.includes(tag))),
  }),
  type: fieldsAction({
    params: z.strictObject({ type: MODEL_FIELDS.type }),
    title: ({ type }) => `Set the type to ${type === null ? 'Automatic' : labelOf(TYPES, type)}`,
    change: (model, { type }) => userChoice(model, 'type', type),
  }),
  base: fieldsAction({
    params: z.strictObject({ base: MODEL_FIELDS.base }),
    title: ({ base }) => `Set the base model to ${base === null ? 'Automatic' : labelOf(BASES, base)}`,
    change: (model, { base }) => userChoice(model, 'base', base),
  }),
  licence: fieldsAction({
    params: z.strictObject({ licence: MODEL_FIELDS.licence }),
    title: ({ licence }) => (licence === null ? 'Remove the license' : `Set the license to ${licence}`),
    change: (_, { licence }) => ({ licence }),
  }),
  publish: fieldsAction({
    params: nothing,
    title: () => 'Publish',
    change: (model) =>
      model.isOffered
        ? { withheld: false, published: true }
        : 'No file of this model can be downloaded, so there is nothing to publish.',
  }),
  unpublish: fieldsAction({
    params: nothing,
    title: () => 'Unpublish',
    change: () => ({ withheld: true, published: false }),
  }),
  identify: {
    kind: 'each',
    may: 'model.edit',
    // All files, or those that older rules identified.
    params: z.strictObject({ older: z.boolean().default(false) }),
    title: ({ older }) => (older ? 'Identify again what older rules identified' : 'Identify again'),
    only: ({ older }) => (older ? OLDER : undefined),
    run: proposeIdentity,
    isParallel: true,
  },
  'accept-identification': {
    kind: 'proposals',
    may: 'model.edit',
    params: z.strictObject({ jobId: z.int() }),
    title: ({ jobId }) => `Accept identifications that bulk change ${jobId} proposed`,
  },
  render: {
    kind: 'each',
    may: 'preview.render',
    params: nothing,
    title: () => 'Render previews',
    run: async (actor, modelId) => {
      await renderAgain(actor, modelId, 'bulk');
      return undefined;
    },
  },
  delete: {
    kind: 'each',
    may: 'model.delete',
    params: nothing,
    title: () => 'Delete',
    run: async (actor, modelId) => {
      await deleteModel(actor, modelId);
      return undefined;
    },
    isDoneWhenGone: true,
  },
  // biome-ignore lint/suspicious/noExplicitAny: each entry has parameters of its own, which its schema checks.
} as const satisfies Record<string, FieldsAction<any> | EachAction<any> | ProposalsAction<any>>;

export type BulkActionName = keyof typeof BULK_ACTIONS;

/** An action with parameters of its own, which its schema has read. */
export type BulkAction = FieldsAction<object> | EachAction<object> | ProposalsAction<object>;

export const BULK_ACTION_NAMES = Object.keys(BULK_ACTIONS) as BulkActionName[];

export function isBulkAction(name: string): name is BulkActionName {
  return Object.hasOwn(BULK_ACTIONS, name);
}

export function findBulkAction(name: BulkActionName): BulkAction {
  // Whoever runs it has read the parameters by its own schema.
  return BULK_ACTIONS[name] as BulkAction;
}

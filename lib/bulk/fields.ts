import { z } from 'zod';
import { auditAll } from '../audit/index.ts';
import { type FieldSource, jsonColumn, type Tx } from '../db/index.ts';
import { OFFERED, refreshModel } from '../ingest/index.ts';
import { enqueueAll } from '../queue/index.ts';

const SOURCE = z.enum([
  'weights',
  'config',
  'metadata',
  'hash',
  'sidecar',
  'filename',
  'user',
]) satisfies z.ZodType<FieldSource>;

const FIELDS = z.object({
  tags: z.array(z.string()),
  type: z.string(),
  typeSource: SOURCE,
  base: z.string(),
  baseSource: SOURCE,
  licence: z.string().nullable(),
  withheld: z.boolean(),
  published: z.boolean(),
});

/** What a bulk action can change of a model, and take back. Tags are in order. */
export type Fields = z.infer<typeof FIELDS>;

const exact = <Shape extends z.ZodRawShape>(shape: Shape) =>
  Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, z.exactOptional(field)])) as {
    [Key in keyof Shape]: z.ZodExactOptional<Shape[Key]>;
  };

const SOME = z.object(exact(FIELDS.shape));

/** Some of these fields, as `bulk_item` keeps them: before the change, and after it. */
export const FIELDS_BEFORE = jsonColumn('bulk_item.before', SOME);
export const FIELDS_AFTER = jsonColumn('bulk_item.after', SOME);

export interface ModelRow extends Fields {
  id: number;
  name: string;
  description: string;
  ownerId: string | null;
  /** Whether people can have any of its files. */
  isOffered: boolean;
}

/** The models of these ids that are there, locked until the transaction ends, in the order of their ids. */
export async function lockModels(tx: Tx, ids: readonly number[]): Promise<Map<number, ModelRow>> {
  await tx.$queryRaw`SELECT id FROM model WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`;
  const rows = await tx.$queryRaw<Omit<ModelRow, 'isOffered'>[]>`
    SELECT m.id, m.name, m.description, m."ownerId", m.type, m."typeSource"::text AS "typeSource", m.base,
           m."baseSource"::text AS "baseSource", m.licence, m.withheld, m.published,
           ARRAY(SELECT t.name FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id ORDER BY t.name) AS tags
      FROM model m WHERE m.id = ANY(${ids})`;
  const files = await tx.modelFile.findMany({
    where: { version: { modelId: { in: [...ids] } }, ...OFFERED },
    select: { version: { select: { modelId: true } } },
  });
  const offered = new Set(files.map(({ version }) => version.modelId));
  return new Map(rows.map((row) => [row.id, { ...row, isOffered: offered.has(row.id) }]));
}

export interface FieldsChange {
  model: ModelRow;
  /** Only fields that become something else. */
  changes: Partial<Fields>;
}

/** Writes the changes with their audit rows, and queues what follows from them, in the caller's transaction. */
export async function writeFields(tx: Tx, actor: string, changed: readonly FieldsChange[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ model, changes }) => {
    const { id, type, typeSource, base, baseSource, licence, withheld, published } = { ...model, ...changes };
    return { id, type, typeSource, base, baseSource, licence, withheld, published };
  });
  await tx.$executeRaw`
    UPDATE model SET type = r.type, "typeSource" = r."typeSource"::"FieldSource", base = r.base,
           "baseSource" = r."baseSource"::"FieldSource", licence = r.licence, withheld = r.withheld, published = r.published,
           "updatedAt" = now()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(id int, type text, "typeSource" text, base text, "baseSource" text, licence text, withheld bool, published bool)
     WHERE model.id = r.id`;
  await writeTags(tx, changed);
  for (const { model, changes } of changed) if (isDetected(changes)) await refreshModel(tx, model.id);
  // What is rendered, and on what, follows from these.
  const planned = changed.filter(({ changes }) => changes.type !== undefined || changes.base !== undefined);
  await enqueueAll(
    'plan',
    planned.map(({ model }) => ({ modelId: model.id })),
    tx,
  );
  await auditChanges(tx, actor, changed);
}

async function writeTags(tx: Tx, changed: readonly FieldsChange[]): Promise<void> {
  const rows = changed.flatMap(({ model, changes: { tags } }) => (tags === undefined ? [] : [{ id: model.id, tags }]));
  if (rows.length === 0) return;
  const names = [...new Set(rows.flatMap(({ tags }) => tags))];
  await tx.tag.createMany({ data: names.map((name) => ({ name })), skipDuplicates: true });
  await tx.modelTag.deleteMany({ where: { modelId: { in: rows.map(({ id }) => id) } } });
  await tx.$executeRaw`
    INSERT INTO model_tag ("modelId", "tagId")
    SELECT r.id, t.id FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id int, tags jsonb)
      CROSS JOIN LATERAL jsonb_array_elements_text(r.tags) AS wanted(name) JOIN tag t ON t.name = wanted.name`;
}

/** Whether identification has the word on the type or base model again. */
export function isDetected({ typeSource = 'user', baseSource = 'user' }: Partial<Fields>): boolean {
  return typeSource !== 'user' || baseSource !== 'user';
}

async function auditChanges(tx: Tx, actor: string, changed: readonly FieldsChange[]): Promise<void> {
  await auditAll(
    tx,
    changed.flatMap(({ model, changes }) => (isPublishing(changes) ? [] : [auditEdit(actor, model, changes)])),
  );
  const published = changed.filter(({ changes }) => changes.published === true);
  await auditAll(
    tx,
    published.map(({ model }) => ({ actor, action: 'model.publish', subject: 'model', subjectId: model.id })),
  );
  const unpublished = changed.filter(({ changes }) => changes.withheld === true || changes.published === false);
  await auditAll(
    tx,
    unpublished.map(({ model }) => ({
      actor,
      action: 'model.unpublish',
      subject: 'model',
      subjectId: model.id,
      before: { published: model.published },
      after: { published: false },
    })),
  );
}

function isPublishing({ published, withheld }: Partial<Fields>): boolean {
  return published !== undefined || withheld === true;
}

function auditEdit(actor: string, model: ModelRow, changes: Partial<Fields>) {
  const { id, name, description, type, base, tags, licence } = model;
  const chosen = (field: 'type' | 'base') => {
    const source = changes[`${field}Source`] ?? model[`${field}Source`];
    const isChanged = changes[field] !== undefined || changes[`${field}Source`] !== undefined;
    // Null says that what is detected shows again.
    return isChanged ? { [field]: source === 'user' ? (changes[field] ?? model[field]) : null } : {};
  };
  return {
    actor,
    action: 'model.edit',
    subject: 'model',
    subjectId: id,
    before: { name, description, type, base, tags, licence },
    after: {
      ...(changes.tags === undefined ? {} : { tags: changes.tags }),
      ...(changes.licence === undefined ? {} : { licence: changes.licence }),
      ...chosen('type'),
      ...chosen('base'),
    },
  } as const;
}

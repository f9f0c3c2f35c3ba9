import { availableParallelism } from 'node:os';
import { type Actor, actorOfUser, can } from '../accounts/index.ts';
import { maySee } from '../catalog/index.ts';
import { type BulkItemState, db, isDatabaseOutage, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { log } from '../log.ts';
import { type BulkAction, findBulkAction, isBulkAction } from './actions.ts';
import {
  FIELDS_AFTER,
  FIELDS_BEFORE,
  type Fields,
  type FieldsChange,
  isDetected,
  lockModels,
  type ModelRow,
  writeFields,
} from './fields.ts';
import { type Applied, acceptProposals, revertProposals } from './proposals/index.ts';
import { UNDO } from './title.ts';

/** Models of one transaction. */
const BATCH = 200;
const GONE = 'The model was deleted meanwhile.';
const FAILED = 'The change failed unexpectedly. An administrator finds more in the log of the service.';

interface Item {
  modelId: number;
  state: Exclude<BulkItemState, 'waiting'>;
  reason?: string;
  before?: Partial<Fields>;
  after?: Partial<Fields>;
}

/** A row of the table. */
export interface Job {
  id: number;
  ownerId: string;
  grant: string[];
  action: string;
  params: unknown;
}

/**
 * Does what is left of a job, in batches that are each done wholly or not at all, so that it goes on where it was after a
 * crash. The right to change a model is asked for anew for each, as its person has it then. Where the last try fails, the
 * models that are left are refused, so that the job ends.
 */
export async function runBulkJob(id: number, isLastTry = false): Promise<void> {
  const job = await db().bulkJob.findUnique({ where: { id } });
  if (job === null) return;
  try {
    while (!(await runNext(job)));
  } catch (error) {
    if (!isLastTry || isDatabaseOutage(error)) throw error;
    log('bulk').error({ jobId: id, error: (error as Error).message }, 'A bulk change failed.');
    await refuseRest(job);
  }
}

/** The next models of a job. True where it has ended. */
export async function runNext(job: Job): Promise<boolean> {
  const actor = await actorNow(job);
  if (kindOf(job.action) === 'each') return await runEach(actor, job);
  const apply = await findProposalsWork(job);
  return apply === null ? await runBatch(actor, job) : await runProposals(actor, job, apply);
}

async function refuseRest(job: Job): Promise<void> {
  await db().$transaction(async (tx) => {
    const ids = await takeItems(tx, job, null);
    if (ids === null) return;
    await saveItems(
      tx,
      job,
      ids.map((modelId) => ({ modelId, state: 'refused', reason: FAILED })),
    );
    await takeItems(tx, job, 1);
  });
}

function kindOf(action: string): BulkAction['kind'] | null {
  return isBulkAction(action) ? findBulkAction(action).kind : null;
}

type ProposalsWork = (tx: Tx, models: readonly ModelRow[]) => Promise<Applied>;

/** What a job does with proposals: it accepts them, or takes the job back that did; null for one that has none. */
async function findProposalsWork(job: Job): Promise<ProposalsWork | null> {
  if (kindOf(job.action) === 'proposals')
    return async (tx, models) => await acceptProposals(tx, job.ownerId, job.id, models);
  if (job.action !== 'undo') return null;
  const { jobId } = UNDO.parse(job.params);
  const undone = await db().bulkJob.findUnique({ where: { id: jobId }, select: { action: true } });
  if (undone === null || kindOf(undone.action) !== 'proposals') return null;
  return async (tx, models) => await revertProposals(tx, job.ownerId, jobId, models);
}

async function runProposals(actor: Actor | null, job: Job, apply: ProposalsWork): Promise<boolean> {
  return await db().$transaction(
    async (tx) => {
      const ids = await takeItems(tx, job, BATCH);
      if (ids === null) return true;
      const models = await lockModels(tx, ids);
      const reasons = new Map(
        ids.map((id) => [id, actor === null ? refuseDisabled() : refuse(actor, job, models.get(id))]),
      );
      const open = [...models.values()].filter(({ id }) => reasons.get(id) === null);
      const { changed, refused } = await apply(tx, open);
      const results = ids.map((modelId): Item => {
        // What was before is kept with the proposal.
        if (changed.has(modelId)) return { modelId, state: 'changed', before: {}, after: {} };
        return { modelId, state: 'refused', reason: reasons.get(modelId) ?? refused.get(modelId) ?? GONE };
      });
      await saveItems(tx, job, results);
      return false;
    },
    { timeout: 60_000 },
  );
}

/** Who asked, with what they may do now and what their token or session could do then; null where the account is disabled. */
async function actorNow({ ownerId, grant }: Job): Promise<Actor | null> {
  const actor = await actorOfUser(ownerId);
  return actor === null ? null : { ...actor, grant: actor.grant.filter((scope) => grant.includes(scope)) };
}

/** Takes the next models of a job that goes on, all where `count` is null. Null where it has ended, or ends now. */
async function takeItems(tx: Tx, job: Job, count: number | null): Promise<number[] | null> {
  const [row] = await tx.$queryRaw<{ state: string }[]>`
    SELECT state::text AS state FROM bulk_job WHERE id = ${job.id} FOR UPDATE`;
  if (row === undefined || row.state === 'done' || row.state === 'cancelled') return null;
  const items = await tx.bulkItem.findMany({
    where: { jobId: job.id, state: 'waiting' },
    orderBy: { modelId: 'asc' },
    ...(count === null ? {} : { take: count }),
    select: { modelId: true },
  });
  const isDone = items.length === 0;
  if (isDone || row.state === 'queued')
    await tx.bulkJob.update({
      where: { id: job.id },
      data: isDone ? { state: 'done', endedAt: new Date() } : { state: 'running' },
    });
  if (isDone) await publish(tx, { kind: 'bulk', jobId: job.id, ownerId: job.ownerId });
  return isDone ? null : items.map(({ modelId }) => modelId);
}

async function runBatch(actor: Actor | null, job: Job): Promise<boolean> {
  return await db().$transaction(
    async (tx) => {
      const ids = await takeItems(tx, job, BATCH);
      if (ids === null) return true;
      const models = await lockModels(tx, ids);
      const decide = await decider(tx, job, ids);
      const results = ids.map((id): Item => {
        const model = models.get(id);
        const reason = actor === null ? refuseDisabled() : refuse(actor, job, model);
        if (reason !== null || model === undefined) return { modelId: id, state: 'refused', reason: reason ?? GONE };
        const wanted = decide(model);
        if (typeof wanted === 'string') return { modelId: id, state: 'refused', reason: wanted };
        const { before, after } = differences(model, wanted);
        return Object.keys(after).length === 0
          ? { modelId: id, state: 'unchanged' }
          : { modelId: id, state: 'changed', before, after };
      });
      const changes = results.flatMap(({ modelId, after }): FieldsChange[] => {
        const model = models.get(modelId);
        return model === undefined || after === undefined ? [] : [{ model, changes: after }];
      });
      await writeFields(tx, job.ownerId, changes);
      await readDetected(tx, results);
      await saveItems(tx, job, results);
      return false;
    },
    { timeout: 60_000 },
  );
}

/** Puts what was detected in the place of what was asked for, so that an undo finds it as it is. */
async function readDetected(tx: Tx, results: readonly Item[]): Promise<void> {
  const detected = results.filter(({ after }) => after !== undefined && isDetected(after));
  if (detected.length === 0) return;
  const models = await lockModels(
    tx,
    detected.map(({ modelId }) => modelId),
  );
  for (const item of detected) {
    const model = models.get(item.modelId);
    if (model !== undefined && item.after !== undefined) item.after = pick(model, keysOf(item.after));
  }
}

/** What each model is to become: what the action says, or what it was before the job that is taken back. */
async function decider(
  tx: Tx,
  job: Job,
  ids: readonly number[],
): Promise<(model: ModelRow) => Partial<Fields> | string> {
  if (job.action === 'undo') {
    const { jobId } = UNDO.parse(job.params);
    const items = await tx.bulkItem.findMany({ where: { jobId, modelId: { in: [...ids] } } });
    const undone = new Map(items.map((item) => [item.modelId, item]));
    return (model) => {
      const item = undone.get(model.id);
      return giveBack(model, FIELDS_BEFORE.read(item?.before) ?? {}, FIELDS_AFTER.read(item?.after) ?? {});
    };
  }
  if (!isBulkAction(job.action)) return () => 'This version does not know the action.';
  const action = findBulkAction(job.action);
  if (action.kind !== 'fields') throw new Error(`${job.action} is not done in batches.`);
  const params = action.params.parse(job.params);
  return (model) => action.change(model, params);
}

/** The fields as they were, or why not: somebody has changed one of them since. */
function giveBack(model: ModelRow, before: Partial<Fields>, after: Partial<Fields>): Partial<Fields> | string {
  const { after: changedSince } = differences(model, after);
  if (Object.keys(changedSince).length > 0) return 'The model was changed since.';
  // What was converted or withdrawn meanwhile says whether it can be published again.
  return before.published === true || before.withheld === false ? { ...before, published: model.isOffered } : before;
}

function differences(model: ModelRow, wanted: Partial<Fields>): { before: Partial<Fields>; after: Partial<Fields> } {
  const keys = keysOf(wanted).filter((key) => JSON.stringify(model[key]) !== JSON.stringify(wanted[key]));
  return { before: pick(model, keys), after: pick(wanted, keys) };
}

const keysOf = (fields: Partial<Fields>) => Object.keys(fields) as (keyof Fields)[];

function pick(from: Partial<Fields>, keys: readonly (keyof Fields)[]): Partial<Fields> {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

function mayOf(job: Job): BulkAction['may'] {
  return isBulkAction(job.action) ? findBulkAction(job.action).may : 'model.edit';
}

function refuseDisabled(): string {
  return 'The account that asked for this is disabled.';
}

function refuse(
  actor: Actor,
  job: Job,
  model: { published: boolean; ownerId: string | null } | null | undefined,
): string | null {
  if (model === null || model === undefined || !maySee(actor, model)) return 'Model not found.';
  return can(actor, mayOf(job), model.ownerId) ? null : 'You do not have permission to change this model.';
}

/** The next model, or several at a time: what is done to it has transactions of its own, and may be done twice. */
async function runEach(actor: Actor | null, job: Job): Promise<boolean> {
  const action = isBulkAction(job.action) ? findBulkAction(job.action) : null;
  const isParallel = action?.kind === 'each' && action.isParallel === true;
  const count = isParallel ? availableParallelism() : 1;
  const ids = await db().$transaction((tx) => takeItems(tx, job, count));
  if (ids === null) return true;
  const results = await Promise.all(ids.map((id) => doOne(actor, job, id)));
  await db().$transaction((tx) => saveItems(tx, job, results));
  return false;
}

async function doOne(actor: Actor | null, job: Job, modelId: number): Promise<Item> {
  if (actor === null) return { modelId, state: 'refused', reason: refuseDisabled() };
  const action = isBulkAction(job.action) ? findBulkAction(job.action) : null;
  if (action?.kind !== 'each') throw new Error(`${job.action} is not done model by model.`);
  const model = await db().model.findUnique({ where: { id: modelId }, select: { published: true, ownerId: true } });
  if (model === null)
    return action.isDoneWhenGone
      ? { modelId, state: 'unchanged', reason: GONE }
      : { modelId, state: 'refused', reason: GONE };
  const reason = refuse(actor, job, model);
  if (reason !== null) return { modelId, state: 'refused', reason };
  try {
    const params = action.params.parse(job.params);
    const result = await action.run(actor, modelId, { id: job.id, params });
    return { modelId, state: 'changed', ...result };
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    if (error instanceof AppError) return { modelId, state: 'refused', reason: error.message };
    log('bulk').error({ jobId: job.id, modelId, error: (error as Error).message }, 'A bulk change failed for a model.');
    return { modelId, state: 'refused', reason: FAILED };
  }
}

async function saveItems(tx: Tx, job: Job, items: readonly Item[]): Promise<void> {
  const rows = items.map(({ before, after, ...item }) => ({
    ...item,
    before: before === undefined ? null : FIELDS_BEFORE.write(before),
    after: after === undefined ? null : FIELDS_AFTER.write(after),
  }));
  await tx.$executeRaw`
    UPDATE bulk_item SET state = r.state::"BulkItemState", reason = r.reason, before = r.before, after = r.after
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r("modelId" int, state text, reason text, before jsonb, after jsonb)
     WHERE bulk_item."jobId" = ${job.id} AND bulk_item."modelId" = r."modelId" AND bulk_item.state = 'waiting'`;
  await publish(tx, { kind: 'bulk', jobId: job.id, ownerId: job.ownerId });
}

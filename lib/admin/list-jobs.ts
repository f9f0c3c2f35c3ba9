import { type Actor, authorize } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import type { StageFailure, StageName } from '../stages.ts';

/** The last attempt of a stage that ended badly, or one that runs now. */
export interface JobView {
  id: number;
  fileId: number;
  filename: string;
  modelId: number;
  modelName: string;
  stage: StageName;
  attempt: number;
  /** 0 to 1. */
  progress: number;
  startedAt: string;
  endedAt: string | null;
  /** Null while it runs; else why it gave no result. */
  outcome: StageFailure | null;
  message: string | null;
  /** The end of what the stage wrote to its standard error. */
  log: string | null;
}

const MAX_JOBS = 200;

/**
 * What an operator has to know of the queue: stages that run, and stages whose latest attempt ended badly; the newest
 * first, 200 at most. An attempt that a later one made good is not listed.
 */
export async function listStoppedJobs(actor: Actor | null): Promise<JobView[]> {
  authorize(actor, 'jobs.read');
  const latest = await db().$queryRaw<{ id: number }[]>`
    SELECT id FROM (
      SELECT DISTINCT ON ("fileId", stage) id, outcome FROM stage_run ORDER BY "fileId", stage, id DESC
    ) last WHERE outcome IS DISTINCT FROM 'ok' ORDER BY id DESC LIMIT ${MAX_JOBS}`;
  const runs = await db().stageRun.findMany({
    where: { id: { in: latest.map(({ id }) => id) } },
    orderBy: { id: 'desc' },
    include: {
      file: { select: { filename: true, version: { select: { model: { select: { id: true, name: true } } } } } },
    },
  });
  return runs.map(({ file, startedAt, endedAt, id, fileId, stage, attempt, progress, outcome, message, log }) => ({
    id,
    fileId,
    filename: file.filename,
    modelId: file.version.model.id,
    modelName: file.version.model.name,
    stage: stage as StageName,
    attempt,
    progress,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    outcome: outcome as StageFailure | null,
    message,
    log,
  }));
}

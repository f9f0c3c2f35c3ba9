import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputFile } from '#scanner/opened-files.ts';
import { config } from '../config.ts';
import { db, type Prisma, storable } from '../db/index.ts';
import { publish, published } from '../events/index.ts';
import type { StageName } from '../stages.ts';
import { runInSandbox, SandboxError, type SandboxLimits } from './sandbox.ts';
import type { StageResults, StageTask } from './stages.ts';

const PROGRESS_MS = 250;
const HEARTBEAT_MS = 5000;

export interface StageSubject {
  fileId: number;
  modelId: number;
  ownerId: string | null;
}

/** Where the stages of one file may write. Empty before the first and gone after the last. */
export function scratchOf(fileId: number): string {
  return join(config().home, 'scratch', String(fileId));
}

/**
 * Runs one stage in the sandbox, in a process and a scratch folder of its own, and keeps a row of it. Rejects with
 * SandboxError after the row says so.
 */
export async function runStage<Task extends StageTask>(
  subject: StageSubject,
  task: Task,
  readPaths: readonly string[],
  inputs?: readonly InputFile[],
): Promise<StageResults[Task['stage']]> {
  const scratch = scratchOf(subject.fileId);
  return await recordStage<Task['stage']>(subject, task.stage, async (limits) => {
    await mkdir(scratch, { recursive: true });
    return await runInSandbox<StageResults[Task['stage']]>(task, {
      ...limits,
      readPaths,
      inputs,
      scratch,
      isBlind: task.stage === 'hash' || task.stage === 'verify',
    });
  });
}

/** The limits of a stage, and who is told how far it is. */
export type StageLimits = Required<Pick<SandboxLimits, 'memory' | 'timeout' | 'onProgress'>>;

/**
 * Keeps a row of a stage that `run` runs: attempt, progress, heartbeat, how it ended and why. Rejects with what `run` does,
 * after the row says so.
 */
export async function recordStage<Stage extends StageName>(
  subject: StageSubject,
  stage: Stage,
  run: (limits: StageLimits) => Promise<StageResults[Stage]>,
): Promise<StageResults[Stage]> {
  const { fileId } = subject;
  const event = (progress: number) => ({ kind: 'stage' as const, ...subject, stage, progress });
  const id = await beginRun(fileId, stage, published(event(0)));
  const announce = (progress: number) => publish(db(), event(progress));

  let fraction = 0;
  let shown = 0;
  const update = (data: { progress?: number; heartbeatAt: Date }) =>
    db()
      // Only while it runs: a late one must not overwrite how the stage ended.
      .stageRun.updateMany({ where: { id, endedAt: null }, data })
      .catch(() => {});
  const onProgress = (progress: number) => {
    fraction = progress;
    if (performance.now() - shown < PROGRESS_MS) return;
    shown = performance.now();
    void update({ progress, heartbeatAt: new Date() });
    void announce(progress).catch(() => {});
  };
  const heartbeat = setInterval(() => void update({ progress: fraction, heartbeatAt: new Date() }), HEARTBEAT_MS);

  try {
    const { stageMemory: memory, stageTimeout: timeout } = config();
    const result = await run({ memory, timeout, onProgress });
    await db().$executeRaw`
      WITH run AS (UPDATE stage_run SET progress = 1, "endedAt" = now(), outcome = 'ok' WHERE id = ${id} RETURNING id)
      SELECT ${published(event(1))} FROM run`;
    return result;
  } catch (error) {
    const failure = error instanceof SandboxError ? error : null;
    await db().stageRun.update({
      where: { id },
      data: storable({
        endedAt: new Date(),
        outcome: failure?.code ?? 'crash',
        message: failure?.message ?? 'The service could not run this stage.',
        log: failure?.log ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)),
      }),
    });
    await announce(fraction);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Enters a run of a stage, and says so. Returns its id. */
async function beginRun(fileId: number, stage: StageName, told: Prisma.Sql): Promise<number> {
  const [run] = await db().$queryRaw<{ id: number }[]>`
    WITH run AS (
      INSERT INTO stage_run ("fileId", stage, attempt)
      SELECT ${fileId}, ${stage}, count(*) + 1 FROM stage_run WHERE "fileId" = ${fileId} AND stage = ${stage}
      RETURNING id)
    SELECT id, ${told} FROM run`;
  if (run === undefined) throw new Error('A run was not entered.');
  return run.id;
}

export async function clearScratch(fileId: number): Promise<void> {
  await rm(scratchOf(fileId), { recursive: true, force: true });
}

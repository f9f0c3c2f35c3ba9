import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../config.ts';
import { db, storable } from '../db/index.ts';
import { publish } from '../events/index.ts';
import type { StageName } from '../stages.ts';
import { runInSandbox, SandboxError } from './sandbox.ts';
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
 * Runs one stage in the sandbox and keeps a row of it: attempt, progress, heartbeat, how it ended and why. Rejects with
 * SandboxError after the row says so.
 */
export async function runStage<Task extends StageTask>(
  subject: StageSubject,
  task: Task,
  readPaths: readonly string[],
  scratch = scratchOf(subject.fileId),
): Promise<StageResults[Task['stage'] & StageName]> {
  const { fileId } = subject;
  const { stage } = task;
  const attempt = (await db().stageRun.count({ where: { fileId, stage } })) + 1;
  const { id } = await db().stageRun.create({ data: { fileId, stage, attempt } });
  const announce = (progress: number) => publish(db(), { kind: 'stage', ...subject, stage, progress });
  await announce(0);

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

  await mkdir(scratch, { recursive: true });
  try {
    const { stageMemory: memory, stageTimeout: timeout } = config();
    const result = await runInSandbox<StageResults[Task['stage'] & StageName]>(task, {
      readPaths,
      scratch,
      isBlind: stage === 'hash' || stage === 'verify',
      memory,
      timeout,
      onProgress,
    });
    await db().stageRun.update({ where: { id }, data: { progress: 1, endedAt: new Date(), outcome: 'ok' } });
    await announce(1);
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

export async function clearScratch(fileId: number): Promise<void> {
  await rm(scratchOf(fileId), { recursive: true, force: true });
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetDtype } from '#scanner/convert/index.ts';
import type { MergeModel, MergeReport, MergeRequest } from '#scanner/merge/index.ts';
import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db, type MergeState, type Prisma, storable, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import {
  addFile,
  dropUnentered,
  findStageFile,
  runInSandbox,
  SandboxError,
  type StageFile,
  storeConverted,
} from '../ingest/index.ts';
import { findQuotaRefusal } from '../quotas/index.ts';
import { VERSION } from '../version.ts';
import { REPORT, REQUEST } from './columns.ts';
import { clearScratch, scratchOf } from './scratch.ts';
import type { MergePart, StoredRequest } from './types.ts';

const PROGRESS_MS = 500;
const DTYPES: Readonly<Record<string, TargetDtype | undefined>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' };

/**
 * Makes the model that a merge asks for and enters it into the catalog, like an upload of its owner. A merge that was
 * cancelled is left alone; one that had begun before begins again. Throws where it may go better another time.
 */
export async function runMerge(mergeId: number, isLastTry: boolean): Promise<void> {
  const merge = await db().merge.findUnique({ where: { id: mergeId } });
  if (merge === null || (merge.state !== 'queued' && merge.state !== 'running')) {
    // It was cancelled after the worker that had it died.
    await clearScratch(mergeId);
    return;
  }
  const { ownerId, name, kind } = merge;
  const request = REQUEST.tryRead(merge.request);
  if (request === null) {
    await changeMerge(mergeId, 'failed', {
      message: 'What was asked for cannot be read any more. Start the merge again.',
    });
    return;
  }
  await changeMerge(mergeId, 'running', { progress: 0 });

  const scratch = scratchOf(mergeId);
  const stop = new AbortController();
  const watch = setInterval(async () => {
    const now = await db()
      .merge.findUnique({ where: { id: mergeId }, select: { state: true } })
      .catch(() => undefined);
    if (now === null || now?.state === 'cancelled') stop.abort();
  }, PROGRESS_MS);
  let shown = 0;
  const onProgress = (progress: number) => {
    if (performance.now() - shown < PROGRESS_MS) return;
    shown = performance.now();
    void db()
      .merge.updateMany({ where: { id: mergeId, state: 'running' }, data: { progress } })
      .then(() => publish(db(), { kind: 'merge', mergeId, ownerId, progress }))
      .catch(() => {});
  };

  try {
    await clearScratch(mergeId);
    await mkdir(scratch, { recursive: true });
    const target = join(scratch, 'merged.safetensors');
    const files = new Map<string, StageFile>();
    for (const { sha256 } of request.parts) files.set(sha256, await findStageFile(sha256));
    const report = await runInSandbox<MergeReport>(
      {
        stage: 'merge',
        request: requestOf(kind, request, files),
        target,
        name,
        dtype: DTYPES[request.dtype],
        metadata: { 'weighhouse.version': VERSION },
      },
      {
        readPaths: Array.from(files.values(), ({ path }) => path),
        inputs: Array.from(files.values(), ({ input }) => input),
        scratch,
        memory: config().stageMemory,
        timeout: config().stageTimeout,
        onProgress,
        signal: stop.signal,
      },
    );
    clearInterval(watch);
    await addResult(mergeId, { ownerId, name, target, report });
  } catch (error) {
    if (stop.signal.aborted) return;
    const isFinal = isLastTry || (error instanceof SandboxError && error.code !== 'crash') || error instanceof AppError;
    if (!isFinal) throw error;
    const message = error instanceof Error ? error.message : 'The merge failed.';
    await changeMerge(mergeId, 'failed', { message });
    if (!(error instanceof SandboxError || error instanceof AppError)) throw error;
  } finally {
    clearInterval(watch);
    await clearScratch(mergeId);
  }
}

function requestOf(
  kind: string,
  { weight, blocks, parts }: StoredRequest,
  files: ReadonlyMap<string, StageFile>,
): MergeRequest {
  const modelOf = ({ sha256, name }: MergePart): MergeModel => {
    const file = files.get(sha256);
    if (file === undefined) throw new Error('A file of the merge was not found.');
    return { path: file.path, name, sha256 };
  };
  const by = (role: MergePart['role']): MergeModel => {
    const part = parts.find((one) => one.role === role);
    if (part === undefined) throw new AppError('bad_request', 'The request has too few models.');
    return modelOf(part);
  };
  const loras = parts
    .filter(({ role }) => role === 'lora')
    .map((part) => ({ ...modelOf(part), weight: part.weight ?? 1, textWeight: part.textWeight }));
  const vae = parts.some(({ role }) => role === 'vae') ? { vae: by('vae') } : {};
  const weights = { weight: weight ?? 0, ...(blocks === null ? {} : { blocks }) };
  switch (kind) {
    case 'weighted-sum':
      return { kind, a: by('a'), b: by('b'), ...weights, ...vae };
    case 'add-difference':
      return { kind, a: by('a'), b: by('b'), c: by('c'), ...weights, ...vae };
    case 'bake-loras':
      return { kind, a: by('a'), loras, ...vae };
    case 'combine-loras':
      return { kind, loras };
    default:
      return { kind: 'replace-vae', a: by('a'), vae: by('vae') };
  }
}

interface Result {
  ownerId: string;
  name: string;
  target: string;
  report: MergeReport;
}

/**
 * Into the store, and from there the way of an upload: scanned and identified like any other file. One that was cancelled
 * in its last moments enters nothing.
 */
async function addResult(mergeId: number, { ownerId, name, target, report }: Result): Promise<void> {
  const { sha256 } = report;
  const size = await storeConverted(target, sha256);
  await db().$transaction(async (tx) => {
    const [now] = await tx.$queryRaw<{ state: MergeState }[]>`
      SELECT state::text AS state FROM merge WHERE id = ${mergeId} FOR UPDATE`;
    if (now?.state !== 'running') {
      await dropUnentered(tx, sha256);
      return;
    }
    const filename = `${name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ').trim() || 'merge'}.safetensors`;
    // As a file it counts already, while it runs.
    const refusal = await findQuotaRefusal(tx, ownerId, { bytes: size, files: 0 });
    if (refusal !== null) {
      await dropUnentered(tx, sha256);
      throw new AppError('over_quota', refusal);
    }
    const { fileId } = await addFile(tx, { filename, sha256, size, ownerId, modelId: null });
    await setMergeState(tx, { id: mergeId, state: 'running', ownerId }, 'done', {
      actor: ownerId,
      progress: 1,
      fileId,
      message: null,
      report: REPORT.write(report),
    });
  });
}

interface MergeChange {
  /** A user's id, or `system`. */
  actor?: string;
  progress?: number;
  message?: string | null;
  fileId?: number;
  report?: Prisma.InputJsonValue;
}

/** Changes a merge's state in a transaction of its own. One that ended stays as it is, and the answer is false. */
export async function changeMerge(id: number, state: MergeState, change: MergeChange = {}): Promise<boolean> {
  return await db().$transaction(async (tx) => {
    const [before] = await tx.$queryRaw<{ state: MergeState; ownerId: string }[]>`
      SELECT state::text AS state, "ownerId" FROM merge WHERE id = ${id} FOR UPDATE`;
    if (before === undefined || (before.state !== 'queued' && before.state !== 'running')) return false;
    await setMergeState(tx, { id, ...before }, state, change);
    return true;
  });
}

/** Changes the state of a merge that the caller's transaction holds, with its audit row and its event. */
async function setMergeState(
  tx: Tx,
  before: { id: number; state: MergeState; ownerId: string },
  state: MergeState,
  { actor = 'system', ...change }: MergeChange,
): Promise<void> {
  const { id, ownerId } = before;
  const { message, fileId, progress = 0 } = change;
  const endedAt = state === 'running' ? null : new Date();
  await tx.merge.update({ where: { id }, data: { ...storable(change), state, endedAt } });
  await audit(tx, {
    actor,
    action: 'merge.state',
    subject: 'merge',
    subjectId: id,
    before: { state: before.state },
    after: {
      state,
      ...(typeof message === 'string' ? { message } : {}),
      ...(fileId === undefined ? {} : { fileId }),
    },
  });
  await publish(tx, { kind: 'merge', mergeId: id, ownerId, progress });
}

import type { Tx } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { enqueue } from '../../queue/index.ts';
import { RenderError, type RenderReport } from '../../render/index.ts';
import { EVIDENCE } from '../columns.ts';
import { deleteUnusedBlobs } from '../pictures/index.ts';
import { type Claim, changePreview, MAX_ATTEMPTS, withClaim } from '../queue/index.ts';
import { FileDeleted } from './render-preview.ts';

const FIRST_WAIT_SECONDS = 10;
const MAX_LOG = 8000;
/** Faults that may not be there another time. Too little memory was tried again by the engine itself, smaller. */
const TRANSIENT: readonly string[] = ['crash', 'device_lost'];

/** Notes that all is rendered, and drops tiles of an earlier rendering that had more of them. */
export async function finishPreview(claim: Claim, report: RenderReport): Promise<void> {
  const deleted = await withClaim(claim, async (tx, row) => {
    const surplus = await tx.picture.findMany({ where: { previewId: row.id, kind: 'tile', tile: { gte: row.total } } });
    await tx.picture.deleteMany({ where: { id: { in: surplus.map(({ id }) => id) } } });
    await changePreview(tx, row, {
      state: 'done',
      report: EVIDENCE.write(report),
      code: null,
      message: null,
      log: null,
    });
    return surplus.flatMap(({ sha256, thumbnailSha256 }) => [sha256, thumbnailSha256]);
  });
  await deleteUnusedBlobs(deleted ?? []);
}

/** Notes why it could not be rendered: it is tried again where that may help, planned again where a file is gone. */
export async function failPreview(claim: Claim, error: unknown): Promise<void> {
  await withClaim(claim, async (tx, row) => {
    if (error instanceof FileDeleted) return await replan(tx, row, error.message);
    const { code, message, isTransient } = describe(error);
    const log = logOf(error);
    const cause = { code, message, log };
    if (isTransient && row.attempt < MAX_ATTEMPTS) {
      const afterSeconds = FIRST_WAIT_SECONDS * 2 ** (row.attempt - 1);
      return await changePreview(tx, row, { state: 'queued', ...cause, afterSeconds });
    }
    await changePreview(tx, row, { state: 'failed', ...cause });
  });
}

/** Gives a preview back that a worker was stopped in the middle of: as if it had never been taken. */
export async function releasePreview(claim: Claim): Promise<void> {
  await withClaim(claim, (tx, row) => changePreview(tx, row, { state: 'queued', attempt: row.attempt - 1, done: 0 }));
}

async function replan(
  tx: Tx,
  row: Parameters<typeof changePreview>[1] & { base: string },
  message: string,
): Promise<void> {
  await changePreview(tx, row, { state: 'waiting_for_base', message, hostSha256: null });
  await enqueue('plan', { base: row.base }, { tx });
}

function describe(error: unknown): { code: string; message: string; isTransient: boolean } {
  if (error instanceof RenderError)
    return { code: error.code, message: error.message, isTransient: TRANSIENT.includes(error.code) };
  if (error instanceof AppError)
    return { code: 'no_file', message: error.message, isTransient: error.code === 'unavailable' };
  return {
    code: 'crash',
    message: 'The service failed while rendering. See the server log for the cause.',
    isTransient: true,
  };
}

function logOf(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : undefined;
  const text =
    error instanceof RenderError
      ? cause instanceof Error
        ? cause.message
        : ''
      : error instanceof Error
        ? (error.stack ?? '')
        : String(error);
  return text === '' ? null : text.replaceAll('\0', '').slice(-MAX_LOG);
}

import { db } from '../../db/index.ts';
import type { KnownHashes } from '../../pictures/index.ts';
import { type ModelFileRef, type Picture, RenderError, type RenderReport } from '../../render/index.ts';
import { type AcquiredBlob, workStore } from '../../storage/index.ts';
import { PLAN } from '../columns.ts';
import { type PreviewPlan, planTiles } from '../plan/index.ts';
import { type Claim, withClaim } from '../queue/index.ts';
import { buildRequest } from './build-request.ts';
import type { OpenRenderer } from './renderers.ts';
import { LostClaim, type RenderJob, storeGrid, storeTile } from './store-rendered.ts';

/** What is to be rendered: a claimed row. */
export interface ClaimedPreview extends Claim {
  sha256: string;
  plan: PreviewPlan;
}

/**
 * Renders the tiles of a claimed preview, keeps each as it comes, and then the grid. Throws RenderError, FileLeft,
 * AppError where a file cannot be had, LostClaim, and what `signal` aborts with.
 */
export async function renderPreview(
  { sha256, plan: planned, ...claim }: ClaimedPreview,
  { renderer, machine }: OpenRenderer,
  signal: AbortSignal,
): Promise<RenderReport> {
  const plan = { ...planned, machine: await machine() };
  const tilePlan = planTiles(plan);
  await checkFiles(sha256, plan.host.sha256);
  const updated = await withClaim(claim, (tx) =>
    tx.preview.update({ where: { id: claim.id }, data: { plan: PLAN.write(plan), total: tilePlan.tiles.length } }),
  );
  if (updated === null) throw new LostClaim();

  const acquired: AcquiredBlob[] = [];
  try {
    const acquire = async (digest: string) => {
      const blob = await workStore().acquire(digest, signal);
      acquired.push(blob);
      return blob.path;
    };
    const host = await acquire(plan.host.sha256);
    const own = plan.host.sha256 === sha256 ? host : await acquire(sha256);
    const changeable = new Set(acquired.filter(({ isChangeable }) => isChangeable).map(({ path }) => path));
    const request = buildRequest(plan, tilePlan, { host, own, changeable }, sha256);
    const job: RenderJob = {
      claim,
      tilePlan,
      request,
      confirm: async () => {
        for (const blob of acquired) await blob.confirm();
      },
      hashesOf: await readHashes(
        new Map([
          [host, plan.host.sha256],
          [own, sha256],
        ]),
      ),
    };
    return await renderTiles(job, renderer, request, signal);
  } finally {
    for (const blob of acquired) await blob.release();
  }
}

async function renderTiles(
  job: RenderJob,
  renderer: OpenRenderer['renderer'],
  request: Parameters<OpenRenderer['renderer']['render']>[0],
  signal: AbortSignal,
): Promise<RenderReport> {
  const pictures = new Map<number, Picture>();
  const failed = new AbortController();
  // One after the other, while the next tile is being rendered.
  let storing: Promise<void> = Promise.resolve();
  const rendering = renderer.render(request, {
    signal: AbortSignal.any([signal, failed.signal]),
    onEvent(event) {
      if (event.kind !== 'tile') return;
      pictures.set(event.tile, event.picture);
      storing = storing.then(() => storeTile(job, event.tile, event.picture));
      // What cannot be kept need not be rendered any further.
      storing.catch((error: unknown) => failed.abort(error));
    },
  });
  try {
    const report = await rendering;
    await storing;
    if (pictures.size < job.tilePlan.tiles.length)
      throw new RenderError(
        'crash',
        `The renderer reported success after ${pictures.size} of ${job.tilePlan.tiles.length} images.`,
      );
    await storeGrid(job, pictures, null);
    return report;
  } catch (error) {
    signal.throwIfAborted();
    // The first fault of the two: rendering was stopped because a tile could not be kept.
    await storing;
    // The grid keeps its shape: what was not rendered says why.
    if (error instanceof RenderError) await storeGrid(job, pictures, error.message);
    throw error;
  }
}

/** The file or its checkpoint is not in the catalog any more, so that it must be planned again. */
export class FileDeleted extends Error {
  constructor() {
    super('A file that the preview needs was deleted from the catalog.');
    this.name = 'FileLeft';
  }
}

/** A model may have been deleted, or its file withdrawn by newer rules, since this was planned. */
async function checkFiles(...sha256s: readonly string[]): Promise<void> {
  for (const sha256 of new Set(sha256s)) {
    const found = await db().modelFile.count({ where: { convertedSha256: sha256, conversion: 'converted' } });
    if (found === 0) throw new FileDeleted();
  }
}

async function readHashes(paths: ReadonlyMap<string, string>): Promise<(file: ModelFileRef) => KnownHashes | null> {
  const blobs = await db().blob.findMany({ where: { sha256: { in: [...paths.values()] } } });
  return ({ path }) => {
    const sha256 = paths.get(path);
    if (sha256 === undefined) return null;
    return { sha256, autoV3: blobs.find((blob) => blob.sha256 === sha256)?.autoV3 ?? null };
  };
}

import { hostname } from 'node:os';
import { config } from '../../config.ts';
import { log } from '../../log.ts';
import { RenderError } from '../../render/index.ts';
import { readPlan } from '../columns.ts';
import type { RendererName } from '../forms.ts';
import { type Claim, claimPreview, renewClaim, signalWorkers } from '../queue/index.ts';
import { failPreview, finishPreview, releasePreview } from './end-preview.ts';
import { renderPreview } from './render-preview.ts';
import { type OpenRenderer, openByName } from './renderers.ts';
import { LostClaim } from './store-rendered.ts';

export interface PreviewWorker {
  /** Renders one preview, where one waits. Returns whether one did. */
  runNext(): Promise<boolean>;
  /** Stops, gives back what is in progress, and ends the renderers. */
  close(): Promise<void>;
}

export interface PreviewWorkerOptions {
  open?: (name: RendererName) => Promise<OpenRenderer>;
  /** Previews of one checkpoint in a row, before others get their turn. */
  fairness?: number;
  /** Milliseconds without work after which the renderer ends and gives its memory back. */
  idleMs?: number;
  /** Milliseconds between heartbeats. */
  heartbeatMs?: number;
}

const DEFAULTS = { open: openByName, fairness: 8, idleMs: 60_000, heartbeatMs: 2000 };

/**
 * Renders previews, one at a time. The renderer stays between them with the checkpoint it has loaded, and previews of
 * that checkpoint come first, up to a number in a row.
 */
export function createPreviewWorker(options: PreviewWorkerOptions = {}): PreviewWorker {
  const { open, fairness, idleMs, heartbeatMs } = { ...DEFAULTS, ...options };
  const name = `${hostname()}:${process.pid}`;
  const opened = new Map<RendererName, OpenRenderer>();
  const stopping = new AbortController();
  let loaded: string | null = null;
  let streak = 0;
  let idle: NodeJS.Timeout | undefined;
  let running: Promise<boolean> = Promise.resolve(false);

  async function closeRenderers(): Promise<void> {
    const closing = [...opened.values()];
    opened.clear();
    loaded = null;
    await Promise.allSettled(closing.map(({ renderer }) => renderer.close()));
  }

  async function getRenderer(wanted: RendererName): Promise<OpenRenderer> {
    // An address may have been changed since; opening it costs nothing.
    const warm = wanted === 'engine' ? opened.get(wanted) : undefined;
    if (warm !== undefined) return warm;
    await opened.get(wanted)?.renderer.close();
    const fresh = await open(wanted);
    opened.set(wanted, fresh);
    return fresh;
  }

  async function runOne(): Promise<boolean> {
    if (stopping.signal.aborted || config().previews === 'off') return false;
    clearTimeout(idle);
    try {
      const row = await claimPreview(name, streak < fairness ? loaded : null);
      if (row === null) return false;
      streak = row.hostSha256 === loaded ? streak + 1 : 1;
      const claim: Claim = { id: row.id, worker: name, attempt: row.attempt };
      await renderClaimed(claim, row);
      return true;
    } finally {
      idle = setTimeout(() => void closeRenderers(), idleMs);
      idle.unref();
    }
  }

  async function renderClaimed(
    claim: Claim,
    { sha256, plan: storedPlan }: { sha256: string; plan: unknown },
  ): Promise<void> {
    const lost = new AbortController();
    const heartbeat = setInterval(async () => {
      // A database that does not answer says nothing about the claim; the lease decides.
      if (!(await renewClaim(claim).catch(() => true))) lost.abort(new LostClaim());
    }, heartbeatMs);
    try {
      const plan = readPlan(storedPlan);
      if (plan === null)
        throw new RenderError('bad_request', 'Its plan cannot be read any more. Have it rendered again.');
      const renderer = await getRenderer(plan.renderer);
      loaded = plan.host.sha256;
      const report = await renderPreview(
        { ...claim, sha256, plan },
        renderer,
        AbortSignal.any([lost.signal, stopping.signal]),
      );
      await finishPreview(claim, report);
    } catch (error) {
      if (error instanceof LostClaim || lost.signal.aborted) return;
      if (stopping.signal.aborted) return await releasePreview(claim);
      log('previews').warn(
        { previewId: claim.id, error: (error as Error).message },
        'A preview could not be rendered.',
      );
      await failPreview(claim, error);
    } finally {
      clearInterval(heartbeat);
    }
  }

  return {
    runNext() {
      running = running.catch(() => false).then(runOne);
      return running;
    },
    async close() {
      stopping.abort(new Error('The worker was stopped.'));
      await running.catch(() => {});
      clearTimeout(idle);
      await closeRenderers();
    },
  };
}

let shared: PreviewWorker | undefined;

/** A signal that is worked on for longer is handed on: a queue takes it for dead some time. */
const TURN_MS = 30 * 60_000;

/** Renders what waits, one after the other, with this process's worker. */
export async function runPreviews(): Promise<void> {
  shared ??= createPreviewWorker();
  const until = performance.now() + TURN_MS;
  while (await shared.runNext()) if (performance.now() > until) return await signalWorkers();
}

/** Ends this process's worker. What it was rendering is given back to others. */
export async function stopPreviews(): Promise<void> {
  const worker = shared;
  shared = undefined;
  await worker?.close();
}

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { db } from '#lib/db/index.ts';
import { createPreviewWorker, type OpenRenderer, type PreviewWorkerOptions, planModel } from '#lib/previews/index.ts';
import { RenderError, type RenderReport, type RenderRequest } from '#lib/render/index.ts';
import { publishModel } from '../../support/files.ts';

/** What the small renderer of these tests is told to do, and what it was asked for. */
export interface TestRenderer {
  requests: RenderRequest[];
  /** Called before each tile; may throw what a renderer throws. */
  before: (tile: number, signal: AbortSignal | undefined) => Promise<void> | void;
  opened: number;
  closed: number;
}

const REPORT: RenderReport = {
  engine: 'test',
  provider: 'cpu',
  device: 'none',
  rejected: [{ provider: 'cuda', reason: 'there is none' }],
  precision: 'fp32',
  loadSeconds: 0.5,
  secondsPerStep: 0.1,
  peakMemory: 1000,
  notes: [],
};

/**
 * Colours squares by seed and LoRA weight, to try what the job makes of any renderer: claims, leases, cancelling, retries.
 * Not the engine's numbers, which have tests of their own.
 */
export function createTestRenderer(): TestRenderer & { open: () => Promise<OpenRenderer> } {
  const renderer: TestRenderer = { requests: [], before: () => {}, opened: 0, closed: 0 };
  return Object.assign(renderer, {
    async open(): Promise<OpenRenderer> {
      renderer.opened += 1;
      return {
        machine: async () => 'gpu',
        renderer: {
          async render(request, { onEvent, signal } = {}) {
            renderer.requests.push(request);
            for (const [tile, { width, height, seed, loraWeights }] of request.tiles.entries()) {
              if (signal?.aborted) throw new RenderError('cancelled', 'Rendering was cancelled.');
              await renderer.before(tile, signal);
              if (signal?.aborted) throw new RenderError('cancelled', 'Rendering was cancelled.');
              const shade = (Number(loraWeights[0] ?? 0) * 100) % 256;
              const pixels = new Uint8Array(width * height * 3).map(
                (_, at) => [seed * 40, shade, tile * 20][at % 3] ?? 0,
              );
              onEvent?.({ kind: 'tile', tile, picture: { width, height, pixels } });
            }
            return REPORT;
          },
          async close() {
            renderer.closed += 1;
          },
        },
      };
    },
  });
}

/** A worker that draws with `drawer`. */
export function workerOf(renderer: ReturnType<typeof createTestRenderer>, options: PreviewWorkerOptions = {}) {
  return createPreviewWorker({ open: renderer.open, heartbeatMs: 50, ...options });
}

/** Waits until a renderer is told to stop. */
export async function waitUntilAborted(signal: AbortSignal | undefined): Promise<void> {
  while (!signal?.aborted) await wait(10);
}

/** A published model of bytes of its own, planned. */
export async function makePlanned(
  owner: { id: string },
  model: { type: string; base: string; name?: string; identity?: object; metadata?: object },
) {
  const name = model.name ?? `${model.type}-${randomUUID().slice(0, 8)}`;
  const made = await publishModel({
    name,
    type: model.type,
    base: model.base,
    ownerId: owner.id,
    bytes: Buffer.from(randomUUID()),
  });
  await db().modelFile.update({
    where: { id: made.fileId },
    data: {
      identity: {
        type: model.type,
        base: model.base,
        variant: null,
        family: null,
        prediction: 'epsilon',
        absent: [],
        ...model.identity,
      },
      ...(model.metadata === undefined ? {} : { metadata: model.metadata }),
    },
  });
  await planModel(made.modelId);
  return made;
}

/** The rows of what is planned or drawn of a model's file, the oldest first. */
export function previewsOf(sha256: string) {
  return db().preview.findMany({
    where: { sha256 },
    orderBy: { id: 'asc' },
    include: { pictures: { orderBy: [{ kind: 'asc' }, { tile: 'asc' }] } },
  });
}

/** Small pictures, so that the tests wait for nothing but the job. */
export async function useSmallProfiles(): Promise<void> {
  await db().previewProfile.updateMany({
    data: {
      edited: true,
      data: {
        width: 64,
        height: 64,
        steps: 2,
        sampler: 'Euler',
        cfgScale: 7,
        clipSkip: 1,
        prompts: [{ subject: 'Portrait', text: 'a person' }],
        negativePrompt: 'ugly',
        seeds: [1, 2],
        adapterSeeds: [1],
        loraWeights: [0, 0.5, 1],
        cpu: { width: 64, height: 64, steps: 1, seeds: [1], adapterSeeds: [1] },
      },
    },
  });
}

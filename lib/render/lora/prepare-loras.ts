import { mkdtemp, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { type FittedAdapter, fitAdapter, MergeError, type NamedModel, OpenModels } from '#scanner/merge/index.ts';
import { type LayerPatches, patchKey } from '../onnx/index.ts';
import { RenderError } from '../types.ts';
import type { WeightFile } from '../weights/index.ts';
import type { ScaledChange } from './changes.ts';
import { computeDeltas } from './compute-deltas.ts';
import { patchLayer } from './layer-patch.ts';
import type { LayerSize } from './low-rank.ts';
import { type OpenLora, readChanges } from './read-module.ts';
import { parameterValues, strengthOf } from './strengths.ts';
import type { LoraReport, NamedLora, PreparedLoras, PreparingOptions } from './types.ts';

/** How many names a report lists. */
const LISTED = 20;

/**
 * Lays LoRAs over a checkpoint, so that its graphs are built with their weights as parameters: the checkpoint and the
 * LoRAs stay as they are, and a sweep over weights loads them once. Low-rank changes are applied next to the layer;
 * whatever else changes a weight is worked out in the graph from its few factors, or beforehand into the scratch folder
 * where there are none. Throws RenderError `load_mismatch` for LoRAs of another base, of which nothing fits or which
 * are broken,
 * `bad_request` where the scratch would be too large, and the signal's reason.
 */
export async function prepareLoras(
  checkpoint: WeightFile,
  loras: readonly NamedLora[],
  options: PreparingOptions,
): Promise<PreparedLoras> {
  await using cleanup = new AsyncDisposableStack();
  const folder = loras.length === 0 ? null : await mkdtemp(join(options.scratch, 'loras-'));
  if (folder !== null) cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const { patches, report } =
    folder === null ? { patches: new Map(), report: [] } : await fitAll(checkpoint, loras, { ...options, folder });
  const kept = cleanup.move();
  return {
    patches,
    report,
    inputs: (weights) => parameterValues(weights, loras.length),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function fitAll(
  checkpoint: WeightFile,
  loras: readonly NamedLora[],
  options: PreparingOptions & { folder: string },
): Promise<{ patches: LayerPatches; report: LoraReport[] }> {
  try {
    await using models = new OpenModels<NamedModel>();
    const host = await models.open({
      path: checkpoint.path,
      name: options.checkpointName ?? parse(checkpoint.path).name,
    });
    const fitted: { lora: OpenLora; adapter: FittedAdapter; name: string }[] = [];
    for (const { file, name } of loras) {
      options.signal?.throwIfAborted();
      const open = await models.open({ path: file.path, name });
      fitted.push({ lora: { open, file }, adapter: fitAdapter(open, host), name });
    }
    const scratchOf = await computeDeltas(host, fitted, options);
    const layers = new Map<string, { size: LayerSize; changes: ScaledChange[] }>();
    for (const [index, { lora, adapter }] of fitted.entries()) {
      for (const placed of adapter.placed) {
        const { weight, first, rows } = placed.layer;
        const key = patchKey(weight.name, first);
        const size = { rows, inputs: weight.shape[1] ?? 1, kernel: weight.shape.slice(2) };
        const entry = layers.get(key) ?? { size, changes: [] };
        layers.set(key, entry);
        const strength = strengthOf(index, placed.module.network);
        const changes = await readChanges(lora, placed, scratchOf(placed));
        entry.changes.push(...changes.map((change) => ({ ...change, strength })));
      }
    }
    return {
      patches: new Map([...layers].map(([key, { size, changes }]) => [key, [patchLayer(size, changes)]])),
      report: fitted.map(({ adapter, name }) => describe(name, adapter)),
    };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    throw new RenderError('load_mismatch', error.message, { cause: error });
  }
}

function describe(name: string, { placed, unplaced, ignored, warnings }: FittedAdapter): LoraReport {
  const modules = placed.length + unplaced.length;
  return {
    name,
    modules,
    placed: placed.length,
    share: placed.length / modules,
    unplaced: unplaced.slice(0, LISTED),
    ignored: ignored.slice(0, LISTED),
    warnings,
  };
}

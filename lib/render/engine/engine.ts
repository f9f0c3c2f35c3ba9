import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatStamp, stampOf } from '#scanner/file-stamp.ts';
import { VERSION } from '../../version.ts';
import {
  type EngineOptions,
  type ModelFileRef,
  type Provider,
  RenderError,
  type RenderEvent,
  type RenderReport,
  type RenderRequest,
  type TileRequest,
} from '../types.ts';
import { listWeights } from '../weights/index.ts';
import { checkTile } from './check-tile.ts';
import { type ChosenDevice, targetOf } from './choose-provider.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import { type OpenModels, openModels } from './open-models.ts';
import { renderTile } from './render-tile.ts';
import { SessionCache } from './session-cache.ts';
import { TextConditioner } from './text-conditioner.ts';
import { toPicture } from './to-picture.ts';

export interface EngineRun {
  /** Draw smaller than asked, one network in memory at a time. */
  frugal: boolean;
  /** Bytes; null for what the system has free. */
  memoryLimit: number | null;
  onEvent: (event: RenderEvent) => void;
  signal: AbortSignal;
}

/** What stays open from one request to the next that uses the same models. */
interface Opened {
  key: string;
  scratch: string;
  models: OpenModels;
}

/** What is loaded of it, for as long as it fits into memory in one way. */
interface Loaded {
  plan: MemoryPlan;
  device: ChosenDevice;
  sessions: SessionCache;
  conditioner: TextConditioner;
}

/** The part of its size, along each side, that a picture keeps where memory is short. */
const FRUGAL_SIZE = 0.75;

/** Renders requests one after another on one device; lives in a process of its own. */
export class Engine {
  #device: ChosenDevice | null = null;
  #deviceKey = '';
  #opened: Opened | null = null;
  #loaded: Loaded | null = null;
  #inFullPrecision = false;

  get provider(): Provider {
    return this.#needDevice().provider;
  }

  /**
   * Chooses the device, unless it was chosen for the same before. Providers that are `skipped` failed, maybe without
   * ending this process: another device then has to be chosen.
   */
  async use(
    { provider, threads }: EngineOptions,
    skipped: ReadonlyMap<Provider, string>,
    choose: () => Promise<ChosenDevice>,
  ): Promise<void> {
    const key = JSON.stringify([provider, threads, [...skipped.keys()]]);
    if (this.#device !== null && this.#deviceKey === key) return;
    await this.#unload();
    this.#device = await choose();
    this.#deviceKey = key;
  }

  /** Renders all tiles of a request. Throws RenderError. */
  async render(request: RenderRequest, run: EngineRun): Promise<RenderReport> {
    const notes: string[] = [];
    try {
      return await this.#draw(request, run, notes);
    } catch (error) {
      const { precision } = this.#needDevice().target;
      if (!(error instanceof RenderError) || error.code !== 'nan_output' || precision === 'fp32') throw error;
      // Half precision overflowed somewhere before the VAE: everything again in full.
      this.#inFullPrecision = true;
      await this.#unload();
      notes.push('Half precision returned NaN or infinite values, so full precision was used.');
      return await this.#draw(request, run, notes);
    } finally {
      this.#inFullPrecision = false;
    }
  }

  async #draw(request: RenderRequest, run: EngineRun, notes: string[]): Promise<RenderReport> {
    const tiles = request.tiles.map((tile) => sizeFor(tile, run.frugal));
    for (const tile of tiles) checkTile(tile, request);
    const { models } = await this.#open(request, run);
    const { device, sessions, conditioner } = await this.#load(models, tiles, run);
    const before = sessions.loadSeconds;
    for (const { name, share, warnings } of models.loras.report) {
      if (share < 1) notes.push(`${Math.round(share * 100)} % of the layers of ${name} match the checkpoint.`);
      notes.push(...warnings);
    }

    let steps = 0;
    let stepSeconds = 0;
    for (const [index, tile] of tiles.entries()) {
      const rendered = await renderTile(tile, {
        models,
        device,
        sessions,
        conditioner,
        notes,
        signal: run.signal,
        onStep: (step) => run.onEvent({ kind: 'step', tile: index, step, steps: tile.steps }),
      });
      steps += tile.steps;
      stepSeconds += rendered.stepSeconds;
      run.onEvent({ kind: 'tile', tile: index, picture: toPicture(rendered.decoded, tile.width, tile.height) });
    }
    return {
      engine: `Weighhouse ${VERSION}`,
      provider: device.provider,
      device: device.name,
      rejected: device.rejected,
      precision: device.target.precision,
      loadSeconds: sessions.loadSeconds - before,
      secondsPerStep: steps === 0 ? 0 : stepSeconds / steps,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      notes,
    };
  }

  async #open(request: RenderRequest, { onEvent, signal }: EngineRun): Promise<Opened> {
    const { checkpoint, vae, loras, embeddings, prediction, zeroTerminalSnr } = request;
    const files = [checkpoint, ...(vae === undefined ? [] : [vae]), ...loras, ...embeddings];
    const key = JSON.stringify([
      checkpoint,
      vae,
      loras,
      embeddings,
      prediction,
      zeroTerminalSnr,
      await stampsOf(files),
    ]);
    if (this.#opened?.key === key) return this.#opened;
    await this.#unload();

    const scratch = await mkdtemp(join(tmpdir(), 'weighhouse-render-'));
    try {
      if (loras.length > 0) onEvent({ kind: 'loading', part: 'lora' });
      this.#opened = { key, scratch, models: await openModels(request, { scratch, signal }) };
      return this.#opened;
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  async #load(models: OpenModels, tiles: readonly TileRequest[], run: EngineRun): Promise<Loaded> {
    const chosen = this.#deviceNow();
    const networks = {
      text: listWeights(models.encoders),
      unet: listWeights(models.unet),
      vae: listWeights(models.givenVae ?? models.ownVae),
    };
    const pixels = Math.max(0, ...tiles.map(({ width, height }) => width * height));
    const { fitTogether, weights } = planMemory(networks, { ...chosen, pixels, limit: run.memoryLimit });
    const plan: MemoryPlan = { fitTogether: fitTogether && !run.frugal, weights };
    const isAlike = this.#loaded?.device.target.precision === chosen.target.precision;
    if (this.#loaded !== null && isAlike && isSamePlan(this.#loaded.plan, plan)) return this.#loaded;
    await this.#letGo();

    const device = { ...chosen, weights };
    const { fitTogether: together } = plan;
    const sessions = new SessionCache(device, {
      fitTogether: together,
      onLoad: (part) => run.onEvent({ kind: 'loading', part }),
    });
    this.#loaded = { plan, device, sessions, conditioner: new TextConditioner(models, device, sessions) };
    return this.#loaded;
  }

  async #letGo(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    await loaded?.sessions[Symbol.asyncDispose]();
  }

  async #unload(): Promise<void> {
    await this.#letGo();
    const opened = this.#opened;
    this.#opened = null;
    if (opened === null) return;
    await opened.models[Symbol.asyncDispose]();
    await rm(opened.scratch, { recursive: true, force: true });
  }

  #needDevice(): ChosenDevice {
    if (this.#device === null) throw new RenderError('bad_request', 'No device was selected yet.');
    return this.#device;
  }

  #deviceNow(): ChosenDevice {
    const device = this.#needDevice();
    return this.#inFullPrecision ? { ...device, target: targetOf(device.provider, 'fp32') } : device;
  }
}

function isSamePlan(one: MemoryPlan, other: MemoryPlan): boolean {
  return one.fitTogether === other.fitTogether && one.weights === other.weights;
}

function sizeFor(tile: TileRequest, frugal: boolean): TileRequest {
  if (!frugal) return tile;
  const smaller = (side: number) => Math.max(64, Math.floor((side * FRUGAL_SIZE) / 64) * 64);
  return { ...tile, width: smaller(tile.width), height: smaller(tile.height) };
}

/** A person's own file may have other bytes under the same path than when it was loaded. */
async function stampsOf(files: readonly ModelFileRef[]): Promise<(string | null)[]> {
  return await Promise.all(
    files.map(async ({ path }) => {
      const found = await stat(path, { bigint: true }).catch(() => null);
      return found === null ? null : formatStamp(stampOf(found));
    }),
  );
}

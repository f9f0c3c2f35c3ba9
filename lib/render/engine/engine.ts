import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../version.ts';
import {
  type EngineOptions,
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
import { drawTile } from './draw-tile.ts';
import { planMemory } from './memory-plan.ts';
import { type OpenModels, openModels } from './open-models.ts';
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

/** What stays loaded from one request to the next that uses the same models. */
interface Loaded {
  key: string;
  scratch: string;
  models: OpenModels;
  sessions: SessionCache;
  conditioner: TextConditioner;
}

/** The part of its size, along each side, that a picture keeps where memory is short. */
const FRUGAL_SIZE = 0.75;

/** Draws requests one after another on one device; lives in a process of its own. */
export class Engine {
  #device: ChosenDevice | null = null;
  #deviceKey = '';
  #loaded: Loaded | null = null;
  #inFullPrecision = false;

  get provider(): Provider {
    return this.#needDevice().provider;
  }

  /** Chooses the device, unless it was chosen for the same options before. */
  async use(options: EngineOptions, choose: () => Promise<ChosenDevice>): Promise<void> {
    const key = `${options.provider} ${options.threads}`;
    if (this.#device !== null && this.#deviceKey === key) return;
    await this.#unload();
    this.#device = await choose();
    this.#deviceKey = key;
  }

  /** Draws all tiles of a request. Throws RenderError. */
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
      notes.push('Half precision gave no numbers, so it was drawn in full precision.');
      return await this.#draw(request, run, notes);
    } finally {
      this.#inFullPrecision = false;
    }
  }

  async #draw(request: RenderRequest, run: EngineRun, notes: string[]): Promise<RenderReport> {
    const device = this.#deviceNow();
    const tiles = request.tiles.map((tile) => sizeFor(tile, run.frugal));
    for (const tile of tiles) checkTile(tile, request);
    const loaded = await this.#load(request, tiles, run);
    const { models, sessions, conditioner } = loaded;

    for (const { name, share, warnings } of models.loras.report) {
      if (share < 1)
        notes.push(`${Math.round(share * 100)} % of the layers of ${name} found their place in the checkpoint.`);
      notes.push(...warnings);
    }

    let steps = 0;
    let stepSeconds = 0;
    for (const [index, tile] of tiles.entries()) {
      const drawn = await drawTile(tile, {
        models,
        device,
        sessions,
        conditioner,
        notes,
        signal: run.signal,
        onStep: (step) => run.onEvent({ kind: 'step', tile: index, step, steps: tile.steps }),
      });
      steps += tile.steps;
      stepSeconds += drawn.stepSeconds;
      run.onEvent({ kind: 'tile', tile: index, picture: toPicture(drawn.decoded, tile.width, tile.height) });
    }
    return {
      engine: `Weighhouse ${VERSION}`,
      provider: device.provider,
      device: device.name,
      rejected: device.rejected,
      precision: device.target.precision,
      loadSeconds: sessions.loadSeconds,
      secondsPerStep: steps === 0 ? 0 : stepSeconds / steps,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      notes,
    };
  }

  async #load(request: RenderRequest, tiles: readonly TileRequest[], run: EngineRun): Promise<Loaded> {
    const { checkpoint, vae, loras, embeddings, prediction, zeroTerminalSnr } = request;
    const device = this.#deviceNow();
    const { precision } = device.target;
    const key = JSON.stringify([
      checkpoint,
      vae,
      loras,
      embeddings,
      prediction,
      zeroTerminalSnr,
      precision,
      run.frugal,
    ]);
    if (this.#loaded?.key === key) return this.#loaded;
    await this.#unload();

    const scratch = await mkdtemp(join(tmpdir(), 'weighhouse-render-'));
    try {
      if (loras.length > 0) run.onEvent({ kind: 'loading', part: 'lora' });
      const models = await openModels(request, { scratch, signal: run.signal });
      const pixels = Math.max(...tiles.map(({ width, height }) => width * height));
      const { fitTogether } = planMemory(
        {
          text: listWeights(models.encoders),
          unet: listWeights(models.unet),
          vae: listWeights(models.givenVae ?? models.ownVae),
        },
        { ...device, pixels, limit: run.memoryLimit },
      );
      const sessions = new SessionCache(device, {
        fitTogether: fitTogether && !run.frugal,
        onLoad: (part) => run.onEvent({ kind: 'loading', part }),
      });
      const conditioner = new TextConditioner(models, device, sessions);
      this.#loaded = { key, scratch, models, sessions, conditioner };
      return this.#loaded;
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded === null) return;
    await loaded.sessions[Symbol.asyncDispose]();
    await loaded.models[Symbol.asyncDispose]();
    await rm(loaded.scratch, { recursive: true, force: true });
  }

  #needDevice(): ChosenDevice {
    if (this.#device === null) throw new RenderError('bad_request', 'No device was chosen yet.');
    return this.#device;
  }

  #deviceNow(): ChosenDevice {
    const device = this.#needDevice();
    return this.#inFullPrecision ? { ...device, target: targetOf(device.provider, 'fp32') } : device;
  }
}

function sizeFor(tile: TileRequest, frugal: boolean): TileRequest {
  if (!frugal) return tile;
  const smaller = (side: number) => Math.max(64, Math.floor((side * FRUGAL_SIZE) / 64) * 64);
  return { ...tile, width: smaller(tile.width), height: smaller(tile.height) };
}

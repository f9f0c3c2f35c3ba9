import { combineGuidance, sample, TorchGenerator } from '../sampling/index.ts';
import { RenderError, type TileRequest } from '../types.ts';
import { buildUnet, sizeConditioning, timeFeatures } from '../unet/index.ts';
import { buildVaeDecoder, scaleFactorOf } from '../vae/index.ts';
import { targetOf } from './choose-provider.ts';
import type { OpenModels } from './open-models.ts';
import { type Device, openSession, type SessionInput } from './session.ts';
import type { SessionCache } from './session-cache.ts';
import type { Conditioning, TextConditioner } from './text-conditioner.ts';

export interface TileTools {
  models: OpenModels;
  device: Device;
  sessions: SessionCache;
  conditioner: TextConditioner;
  /** Takes what had to be done differently. */
  notes: string[];
  signal: AbortSignal;
  onStep: (step: number) => void;
}

/** Pixels of one number of a latent, along each side. */
const LATENT_SCALE = 8;
const LATENT_CHANNELS = 4;
/** Lin et al.'s share for networks that were trained down to no signal: higher contrast burns out without it. */
const ZERO_SNR_RESCALE = 0.7;

export interface RenderedTile {
  /** [3, height, width], from -1 to 1 and some beyond. */
  decoded: Float32Array;
  /** Time that all steps took together. */
  stepSeconds: number;
}

/** Renders one picture: text, steps of the UNet, VAE. Throws RenderError. */
export async function renderTile(tile: TileRequest, tools: TileTools): Promise<RenderedTile> {
  const { models, signal } = tools;
  const size = latentSizeOf(tile);
  const { positive, negative } = await tools.conditioner.encode(tile);
  const texts = negative === null ? [positive] : [negative, positive];
  const count = LATENT_CHANNELS * size.latentHeight * size.latentWidth;
  const generator = new TorchGenerator(tile.seed);

  let stepSeconds = 0;
  const fixed = fixedInputs(texts, tile, models);
  const latent = await sample({
    sampler: tile.sampler,
    steps: tile.steps,
    prediction: models.prediction,
    zeroTerminalSnr: models.zeroTerminalSnr,
    latent: generator.randn(count),
    noise: (numbers) => generator.randn(numbers),
    signal,
    onStep: tools.onStep,
    denoise: async (scaled, timestep) => {
      const session = await openUnet(tile, texts, tools);
      const start = performance.now();
      const { prediction = new Float32Array(0) } = await session.run({
        ...fixed,
        sample: {
          type: 'F32',
          data: repeat(scaled, texts.length),
          shape: [texts.length, LATENT_CHANNELS, size.latentHeight, size.latentWidth],
        },
        time: { type: 'F32', data: timeFeatures(timestep, models.unet.channels), shape: [1, models.unet.channels] },
        ...models.loras.inputs(tile.loraWeights),
      });
      stepSeconds += (performance.now() - start) / 1000;
      if (!prediction.every(Number.isFinite)) throw noNumbers();
      if (texts.length === 1) return prediction;
      const rescale = models.zeroTerminalSnr ? ZERO_SNR_RESCALE : 0;
      return combineGuidance(prediction.subarray(0, count), prediction.subarray(count), tile.cfgScale, rescale);
    },
  });
  return { decoded: await decode(latent, tile, tools), stepSeconds };
}

async function openUnet(tile: TileRequest, texts: readonly Conditioning[], tools: TileTools) {
  const { models, device, sessions } = tools;
  const tokens = texts[0]?.tokens ?? 0;
  const shape = { batch: texts.length, ...latentSizeOf(tile) };
  return await sessions.get('unet', '', JSON.stringify([shape, tokens]), () =>
    buildUnet(models.unet, { target: device.target, ...shape, tokens, patches: models.loras.patches }),
  );
}

/** What the UNet is told at every step alike. */
function fixedInputs(
  texts: readonly Conditioning[],
  { width, height }: TileRequest,
  { isXl, unet }: OpenModels,
): Record<string, SessionInput> {
  const [first] = texts;
  const context: SessionInput = {
    type: 'F32',
    data: concatenate(texts.map((text) => text.context)),
    shape: [texts.length, first?.tokens ?? 0, unet.contextWidth],
  };
  if (!isXl) return { context };
  const sizes = { height, width, top: 0, left: 0, targetHeight: height, targetWidth: width };
  const vectors = texts.map(({ pooled }) => sizeConditioning(pooled ?? new Float32Array(0), sizes));
  return {
    context,
    vector: { type: 'F32', data: concatenate(vectors), shape: [texts.length, vectors[0]?.length ?? 0] },
  };
}

async function decode(latent: Float32Array, tile: TileRequest, tools: TileTools): Promise<Float32Array> {
  const { models, device, sessions, notes } = tools;
  const { usesGivenVae = true } = tile;
  const isGiven = models.givenVae !== null && (usesGivenVae || models.ownVae === null);
  const vae = (isGiven ? models.givenVae : models.ownVae) ?? models.givenVae;
  if (vae === null) throw new RenderError('load_mismatch', 'No VAE was given.');
  const shape = latentSizeOf(tile);
  const factor = scaleFactorOf(models.base);
  const inputs: Record<string, SessionInput> = {
    latent: {
      type: 'F32',
      data: latent.map((value) => value / factor),
      shape: [1, LATENT_CHANNELS, shape.latentHeight, shape.latentWidth],
    },
  };
  const session = await sessions.get('vae', '', JSON.stringify([shape, isGiven]), () =>
    buildVaeDecoder(vae, { target: device.target, ...shape }),
  );
  const { picture = new Float32Array(0) } = await session.run(inputs);
  if (picture.every(Number.isFinite)) return picture;
  if (device.target.precision === 'fp32') throw noNumbers();

  // SDXL's own VAE overflows in half precision: this network alone in full, as everybody does.
  const precise = { ...device, target: targetOf(device.provider, 'fp32') };
  const again = await openSession(buildVaeDecoder(vae, { target: precise.target, ...shape }), precise);
  try {
    const note = 'The VAE overflowed in half precision, so it ran in full precision.';
    if (!notes.includes(note)) notes.push(note);
    const { picture: full = new Float32Array(0) } = await again.run(inputs);
    if (!full.every(Number.isFinite)) throw noNumbers();
    return full;
  } finally {
    await again.release();
  }
}

function latentSizeOf({ width, height }: TileRequest): { latentHeight: number; latentWidth: number } {
  return { latentHeight: height / LATENT_SCALE, latentWidth: width / LATENT_SCALE };
}

function noNumbers(): RenderError {
  return new RenderError('nan_output', 'The model returned NaN or infinite values. Its weights may be damaged.');
}

function repeat(numbers: Float32Array, times: number): Float32Array {
  return concatenate(Array.from({ length: times }, () => numbers));
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

import type { ModelFileRef, RenderRequest, Sampler, TileRequest } from '../render/index.ts';
import { VERSION } from '../version.ts';
import { addLoraTags, tagName } from './lora-tags.ts';
import { type GenerationParameters, noParameters } from './parameters.ts';

/** What the field calls a sampler's two halves. A1111 takes Karras for `DPM++ 2M` where nothing is said. */
const NAMES: Record<Sampler, { sampler: string; scheduler: string }> = {
  Euler: { sampler: 'Euler', scheduler: 'Automatic' },
  'Euler a': { sampler: 'Euler a', scheduler: 'Automatic' },
  'DPM++ 2M': { sampler: 'DPM++ 2M', scheduler: 'Uniform' },
  'DPM++ 2M Karras': { sampler: 'DPM++ 2M', scheduler: 'Karras' },
  DDIM: { sampler: 'DDIM', scheduler: 'Automatic' },
  LCM: { sampler: 'LCM', scheduler: 'Automatic' },
};

/** Digests of a file in small hexadecimal letters; null where they are not known. */
export interface KnownHashes {
  sha256: string | null;
  autoV3: string | null;
}

/**
 * How a tile of a request is rendered, in the field's terms: the checkpoint and VAE by the first 10 letters of their
 * SHA-256, LoRAs by the first 12 of AutoV3, as A1111 names them, and all of them by 10 letters for Civitai. `hashesOf`
 * answers for the request's files.
 */
export function describeTile(
  request: RenderRequest,
  tile: TileRequest,
  hashesOf: (file: ModelFileRef) => KnownHashes | null,
): GenerationParameters {
  const short = (file: ModelFileRef | undefined) =>
    (file === undefined ? null : hashesOf(file)?.sha256?.slice(0, 10)) ?? null;
  const vae = tile.usesGivenVae === false ? undefined : request.vae;
  const text = `${tile.prompt}\n${tile.negativePrompt}`;
  const embeddings = request.embeddings.filter(({ token }) => text.includes(token));
  const loras = request.loras.map((file, index) => {
    const given = tile.loraWeights[index] ?? 0;
    const { unet, text } = typeof given === 'number' ? { unet: given, text: given } : given;
    const hash = hashesOf(file)?.autoV3?.slice(0, 12) ?? null;
    return { name: tagName(file.name), weight: unet, textWeight: text === unet ? null : text, hash };
  });
  const named: [string, string | null][] = [
    ['model', short(request.checkpoint)],
    ['vae', short(vae)],
    ...request.loras.map((file): [string, string | null] => [`lora:${tagName(file.name)}`, short(file)]),
    ...embeddings.map((file): [string, string | null] => [`embed:${tagName(file.token)}`, short(file)]),
  ];
  return {
    ...noParameters(),
    ...NAMES[tile.sampler],
    prompt: addLoraTags(tile.prompt, loras),
    negativePrompt: tile.negativePrompt,
    steps: tile.steps,
    cfgScale: tile.cfgScale,
    seed: String(tile.seed),
    width: tile.width,
    height: tile.height,
    model: request.checkpoint.name,
    modelHash: short(request.checkpoint),
    vae: vae?.name ?? null,
    vaeHash: short(vae),
    clipSkip: tile.clipSkip,
    loras,
    embeddings: embeddings.map((file) => ({ name: tagName(file.token), hash: short(file) })),
    hashes: Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== null)),
    version: `Weighhouse ${VERSION}`,
  };
}

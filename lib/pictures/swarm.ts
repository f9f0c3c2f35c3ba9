import { type JsonObject, toDigits, toModelName, toNumber, toObject, toText } from './json.ts';
import { type GenerationParameters, noParameters } from './parameters.ts';

/** What SwarmUI says of a picture, from the JSON that it writes where others write infotext. Null where it is none. */
export function readSwarm(json: JsonObject): GenerationParameters | null {
  if (typeof json.sui_image_params !== 'object') return null;
  const given = toObject(json.sui_image_params);
  const models = (Array.isArray(json.sui_models) ? json.sui_models : []).slice(0, 100).map(toObject);
  const hashOf = (name: unknown, param: string) => {
    const found = models.find((model) => model.param === param && toModelName(model.name) === toModelName(name));
    return toText(found?.hash)?.replace(/^0x/, '').toLowerCase() ?? null;
  };
  const weights = toList(given.loraweights);
  const layer = toNumber(given.clipstopatlayer);
  return {
    ...noParameters(),
    prompt: toText(given.prompt) ?? '',
    negativePrompt: toText(given.negativeprompt) ?? '',
    seed: toDigits(given.seed),
    steps: toNumber(given.steps),
    sampler: toText(given.sampler) ?? toText(given.comfyuisampler),
    scheduler: toText(given.scheduler) ?? toText(given.comfyuischeduler),
    cfgScale: toNumber(given.cfgscale),
    width: toNumber(given.width),
    height: toNumber(given.height),
    model: toModelName(given.model),
    modelHash: hashOf(given.model, 'model'),
    vae: toModelName(given.vae),
    vaeHash: hashOf(given.vae, 'vae'),
    clipSkip: layer === null ? null : Math.abs(layer),
    loras: toList(given.loras).map((file, index) => ({
      name: toModelName(file) ?? '',
      weight: toNumber(weights[index]) ?? 1,
      textWeight: null,
      hash: hashOf(file, 'loras'),
    })),
    version: toText(given.swarm_version),
  };
}

/** A list, which some versions write as text with commas. */
function toList(value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : (toText(value)?.split(',') ?? []);
  return list.slice(0, 100);
}

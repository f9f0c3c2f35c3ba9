import { type JsonObject, toDigits, toModelName, toNumber, toObject, toText } from './json.ts';
import { type GenerationParameters, type LoraUse, noParameters } from './parameters.ts';

/** What InvokeAI from version 3 on writes as `invokeai_metadata`. */
export function readInvoke(json: JsonObject): GenerationParameters {
  const model = toObject(json.model);
  const skipped = toNumber(json.clip_skip);
  return {
    ...noParameters(),
    prompt: toText(json.positive_prompt) ?? '',
    negativePrompt: toText(json.negative_prompt) ?? '',
    seed: toDigits(json.seed),
    steps: toNumber(json.steps),
    // It has one name for sampler and schedule together, such as `dpmpp_2m_k`.
    sampler: toText(json.scheduler),
    cfgScale: toNumber(json.cfg_scale),
    width: toNumber(json.width),
    height: toNumber(json.height),
    model: nameOf(model),
    modelHash: hashOf(model),
    vae: nameOf(toObject(json.vae)),
    // It counts the layers that are left out.
    clipSkip: skipped === null ? null : skipped + 1,
    loras: (Array.isArray(json.loras) ? json.loras : []).slice(0, 100).flatMap(readLora),
    version: toText(json.app_version),
  };
}

function readLora(value: unknown): LoraUse[] {
  const entry = toObject(value);
  const model = toObject(entry.model ?? entry.lora);
  const name = nameOf(model);
  return name === null ? [] : [{ name, weight: toNumber(entry.weight), textWeight: null, hash: hashOf(model) }];
}

function nameOf(model: JsonObject): string | null {
  return toModelName(model.name ?? model.model_name);
}

/** InvokeAI's hashes are of the whole model and carry their kind: `blake3:…`. */
function hashOf(model: JsonObject): string | null {
  return toText(model.hash)?.split(':').at(-1)?.toLowerCase() ?? null;
}

/** What InvokeAI 2 wrote as `sd-metadata`. */
export function readOldInvoke(json: JsonObject): GenerationParameters {
  const image = toObject(json.image);
  const words = Array.isArray(image.prompt) ? toText(toObject(image.prompt[0]).prompt) : toText(image.prompt);
  return {
    ...noParameters(),
    ...splitNegative(words ?? ''),
    seed: toDigits(image.seed),
    steps: toNumber(image.steps),
    sampler: toText(image.sampler),
    cfgScale: toNumber(image.cfg_scale),
    width: toNumber(image.width),
    height: toNumber(image.height),
    model: toModelName(json.model_weights),
    modelHash: toText(json.model_hash)?.toLowerCase() ?? null,
    version: toText(json.app_version),
  };
}

/** What the first versions wrote as `Dream`: `"a prompt" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms`. */
export function readDream(text: string): GenerationParameters | null {
  const end = text.lastIndexOf('"');
  if (!text.startsWith('"') || end < 1) return null;
  const words = text
    .slice(end + 1)
    .trim()
    .split(/\s+/)
    .slice(0, 100);
  const options = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    // `-S1234` and `-S 1234` mean the same.
    const value = word.length > 2 ? word.slice(2) : words[index + 1];
    if (/^-[a-zA-Z]/.test(word) && value !== undefined) options.set(word.slice(0, 2), value);
  }
  return {
    ...noParameters(),
    ...splitNegative(text.slice(1, end)),
    steps: toNumber(options.get('-s')),
    seed: toDigits(options.get('-S')),
    width: toNumber(options.get('-W')),
    height: toNumber(options.get('-H')),
    cfgScale: toNumber(options.get('-C')),
    sampler: options.get('-A') ?? null,
  };
}

/** Negative words stood in square brackets in the prompt. */
function splitNegative(text: string): { prompt: string; negativePrompt: string } {
  const prompt: string[] = [];
  const negative: string[] = [];
  for (const part of text.split('[')) {
    const end = part.indexOf(']');
    if (end >= 0) negative.push(part.slice(0, end).trim());
    prompt.push(part.slice(end + 1));
  }
  return { prompt: prompt.join(' ').replace(/ {2,}/g, ' ').trim(), negativePrompt: negative.join(', ') };
}

import {
  allInputs,
  type ComfyGraph,
  type ComfyNode,
  collectUpstream,
  follow,
  inputValue,
  readComfyGraph,
} from './comfy-graph.ts';
import { isObject, type JsonObject, toDigits, toModelName, toNumber, toText } from './json.ts';
import { type GenerationParameters, type LoraUse, noParameters } from './parameters.ts';

const TEXT_INPUTS = ['text', 'text_g', 'text_l', 'clip_l', 't5xxl', 'prompt', 'string', 'value'];
/** Inputs that bring something other than words to a conditioning. */
const NOT_TEXT = /^(clip|vae|model|control_net|image|pixels|mask|latent|samples|style_model|clip_vision)/;
const MODEL_INPUTS = ['ckpt_name', 'unet_name', 'model_name', 'gguf_name'];
const MAX_LORAS = 100;
const MAX_OUTPUTS = 20;

/**
 * What a ComfyUI prompt in API format says of the picture: from the sampler nearest to the picture up to the texts, the
 * checkpoint and the LoRAs on the way. Null where the object holds no nodes; parameters that the nodes compute, or keep
 * under names of their own, stay unknown.
 */
export function readComfyPrompt(prompt: JsonObject): GenerationParameters | null {
  const graph = readComfyGraph(prompt);
  if (graph === null) return null;
  const sampler = findSampler(graph);
  return sampler === null ? noParameters() : readSampler(graph, sampler);
}

function isSampler({ type, inputs }: ComfyNode): boolean {
  return /sampler/i.test(type) && ('latent_image' in inputs || 'positive' in inputs || 'guider' in inputs);
}

/** The sampler that made the picture; of several in a row, the one that began from noise alone. */
function findSampler(graph: ComfyGraph): ComfyNode | null {
  const outputs = [...graph.values()].filter(({ type }) => /save|preview/i.test(type)).slice(0, MAX_OUTPUTS);
  const reached = collectUpstream(
    graph,
    outputs.flatMap(({ inputs }) => Object.values(inputs)),
    allInputs,
  );
  const samplers = (reached.some(isSampler) ? reached : [...graph.values()]).filter(isSampler);
  return samplers.find((node) => (toNumber(node.inputs.denoise) ?? 1) >= 1) ?? samplers[0] ?? null;
}

function readSampler(graph: ComfyGraph, sampler: ComfyNode): GenerationParameters {
  // The sampler for a custom schedule keeps each part in a node of its own.
  const part = (name: string) => follow(graph, sampler.inputs[name]) ?? sampler;
  const [guider, noise, sigmas, choice] = [part('guider'), part('noise'), part('sigmas'), part('sampler')];
  const take = (node: ComfyNode, ...names: string[]) =>
    names.map((name) => inputValue(graph, node, name)).find((value) => value !== null) ?? null;
  const positive = guider.inputs.positive ?? guider.inputs.conditioning;
  const size = collectUpstream(graph, [sampler.inputs.latent_image], allInputs).find(
    ({ inputs }) => 'width' in inputs && 'height' in inputs,
  );
  const clips = collectUpstream(graph, [positive, guider.inputs.negative], allInputs);
  const layer = toNumber(clips.find(({ inputs }) => 'stop_at_clip_layer' in inputs)?.inputs.stop_at_clip_layer);
  const models = collectUpstream(graph, [guider.inputs.model ?? sigmas.inputs.model], allInputs);
  return {
    ...noParameters(),
    prompt: readTexts(graph, positive, 'positive'),
    negativePrompt: readTexts(graph, guider.inputs.negative, 'negative'),
    seed: toDigits(take(noise, 'seed', 'noise_seed')),
    steps: toNumber(take(sigmas, 'steps')),
    sampler: toText(take(choice, 'sampler_name')),
    scheduler: toText(take(sigmas, 'scheduler')),
    cfgScale: toNumber(take(guider, 'cfg')),
    width: size === undefined ? null : toNumber(inputValue(graph, size, 'width')),
    height: size === undefined ? null : toNumber(inputValue(graph, size, 'height')),
    model: models.map((node) => toModelName(take(node, ...MODEL_INPUTS))).find((name) => name !== null) ?? null,
    loras: models.flatMap(readLoras).reverse().slice(0, MAX_LORAS),
    vae: toModelName([...graph.values()].find(({ type }) => type === 'VAELoader')?.inputs.vae_name),
    clipSkip: layer === null ? null : Math.abs(layer),
  };
}

/** The words that lead to a conditioning, one text a line. */
function readTexts(graph: ComfyGraph, from: unknown, side: 'positive' | 'negative'): string {
  const sources = collectUpstream(graph, [from], (node) => conditioningInputs(node, side));
  const texts = sources
    .flatMap((node) => [...TEXT_INPUTS, side].map((name) => node.inputs[name]))
    .flatMap((text) => toText(text) ?? []);
  return [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== '').join('\n');
}

function conditioningInputs({ inputs, type }: ComfyNode, side: 'positive' | 'negative'): unknown[] {
  // Its words are multiplied by nothing.
  if (type === 'ConditioningZeroOut') return [];
  // A control net takes both sides and gives both back.
  if ('positive' in inputs && 'negative' in inputs) return [inputs[side]];
  return Object.entries(inputs).flatMap(([name, value]) => (NOT_TEXT.test(name) ? [] : [value]));
}

function readLoras({ inputs }: ComfyNode): LoraUse[] {
  const single = toLora(inputs.lora_name, inputs.strength_model ?? inputs.strength, inputs.strength_clip);
  // rgthree's loader keeps several: `lora_1: { on, lora, strength }`.
  const several = Object.values(inputs).flatMap((value) =>
    isObject(value) && value.on !== false ? toLora(value.lora, value.strength, value.strengthTwo) : [],
  );
  return [...single, ...several.reverse()];
}

function toLora(file: unknown, model: unknown, clip: unknown): LoraUse[] {
  const name = toModelName(file);
  if (name === null) return [];
  const [weight, textWeight] = [toNumber(model), toNumber(clip)];
  return [{ name, weight, textWeight: textWeight === weight ? null : textWeight, hash: null }];
}

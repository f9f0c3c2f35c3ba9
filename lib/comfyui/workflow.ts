import { RenderError, type RenderRequest, type TileRequest } from '../render/index.ts';
import { type Family, familyOf } from './families.ts';
import { buildGraph, type GraphBuilder, type Link, output } from './graph-builder.ts';
import { type NamedEmbedding, splitPrompt } from './prompt-text.ts';
import { comfySampler } from './samplers.ts';
import type { Graph } from './types.ts';

/** What ComfyUI calls the files of a request. */
export interface WorkflowFiles {
  /** `checkpoint`: network, and encoders and VAE unless given apart; `network`: the network that denoises alone. */
  model: { kind: 'checkpoint' | 'network'; comfyName: string };
  /** In the order that the loader takes; null for the checkpoint's own. */
  textEncoders: readonly string[] | null;
  /** Null for the checkpoint's own. */
  vae: string | null;
  /** Of the request, for the tiles that use it. */
  givenVae: string | null;
  loras: readonly string[];
  embeddings: readonly NamedEmbedding[];
}

export interface Workflow {
  graph: Graph;
  /** Id of the node that reports steps. */
  sampler: string;
  /** Id of the node that has the picture. */
  picture: string;
}

/**
 * The workflow of one picture, in the format of `POST /prompt`. Pictures of one request differ in nothing but what their
 * tiles ask for, so that the server keeps what it has loaded. Throws RenderError `unsupported_architecture` for a base
 * without a workflow, and `bad_request` for a tile that does not fit its request.
 */
export function buildWorkflow(
  base: string,
  request: Pick<RenderRequest, 'prediction' | 'zeroTerminalSnr' | 'loras'>,
  tile: TileRequest,
  files: WorkflowFiles,
): Workflow {
  const family = familyOf(base);
  if (family === null)
    throw new RenderError('unsupported_architecture', `Weighhouse has no ComfyUI workflow for the base model ${base}.`);
  if (tile.loraWeights.length !== files.loras.length)
    throw new RenderError(
      'bad_request',
      `${tile.loraWeights.length} LoRA weights were given for ${files.loras.length} LoRAs.`,
    );

  const builder = buildGraph();
  const loaded = addLoaders(builder, family, tile, files);
  let { model, clip } = loaded;
  files.loras.forEach((lora_name, index) => {
    const weight = tile.loraWeights[index]!;
    const [strength_model, strength_clip] = typeof weight === 'number' ? [weight, weight] : [weight.unet, weight.text];
    model = builder.add('LoraLoader', { model, clip, lora_name, strength_model, strength_clip });
    clip = output(model, 1);
  });
  if (family.textLayer !== null && tile.clipSkip > family.textLayer)
    clip = builder.add('CLIPSetLastLayer', { clip, stop_at_clip_layer: -tile.clipSkip });
  model = addSampling(builder, family, base, request, tile, model);

  const isEmbedded = family.guidance === 'embedded';
  let positive = addText(builder, clip, tile.prompt, files.embeddings);
  if (isEmbedded) positive = builder.add('FluxGuidance', { conditioning: positive, guidance: tile.cfgScale });
  const negative = addText(builder, clip, isEmbedded ? '' : tile.negativePrompt, files.embeddings);
  const { sampler, scheduler } = comfySampler(tile.sampler, family.flowScheduler);
  const samples = builder.add('KSampler', {
    model,
    positive,
    negative,
    latent_image: builder.add(family.latent, { width: tile.width, height: tile.height, batch_size: 1 }),
    seed: tile.seed,
    steps: tile.steps,
    cfg: isEmbedded ? 1 : tile.cfgScale,
    sampler_name: sampler,
    scheduler,
    denoise: 1,
  });
  const image = builder.add('VAEDecode', { samples, vae: loaded.vae });
  // A preview goes to the server's temporary folder, which it clears itself: nobody's output fills up.
  const picture = builder.add('PreviewImage', { images: image });
  return { graph: builder.graph, sampler: samples[0], picture: picture[0] };
}

function addLoaders(
  builder: GraphBuilder,
  family: Family,
  tile: TileRequest,
  files: WorkflowFiles,
): { model: Link; clip: Link; vae: Link } {
  const { kind, comfyName } = files.model;
  const model =
    kind === 'checkpoint'
      ? builder.add('CheckpointLoaderSimple', { ckpt_name: comfyName })
      : builder.add('UNETLoader', { unet_name: comfyName, weight_dtype: 'default' });
  const clip = files.textEncoders ? addEncoders(builder, family, files.textEncoders) : output(model, 1);
  const vaeName = (tile.usesGivenVae === false ? null : files.givenVae) ?? files.vae;
  const vae = vaeName === null ? output(model, 2) : builder.add('VAELoader', { vae_name: vaeName });
  return { model, clip, vae };
}

function addEncoders(builder: GraphBuilder, family: Family, names: readonly string[]): Link {
  const [only = '', ...others] = names;
  const { type } = family.encoders;
  if (others.length === 0) return builder.add('CLIPLoader', { clip_name: only, type: type ?? 'sd3' });
  const numbered = Object.fromEntries(names.map((name, index) => [`clip_name${index + 1}`, name]));
  if (names.length === 3) return builder.add('TripleCLIPLoader', numbered);
  return builder.add('DualCLIPLoader', { ...numbered, type: type ?? 'sd3' });
}

/** What the network predicts, where the catalog knows it, and how the steps of a flow are spread. */
function addSampling(
  builder: GraphBuilder,
  family: Family,
  base: string,
  request: Pick<RenderRequest, 'prediction' | 'zeroTerminalSnr'>,
  tile: TileRequest,
  model: Link,
): Link {
  if (family.shift) return builder.add(family.shift.node, { model, shift: family.shift.value });
  if (family.flowScheduler !== null) return model;
  const { prediction, zeroTerminalSnr: zsnr = false } = request;
  if (prediction === 'v') return builder.add('ModelSamplingDiscrete', { model, sampling: 'v_prediction', zsnr });
  if (tile.sampler === 'LCM') return builder.add('ModelSamplingDiscrete', { model, sampling: 'lcm', zsnr });
  // ComfyUI guesses of 2.x by one tensor; for the others it takes epsilon unless the file says otherwise.
  if (zsnr || (prediction === 'epsilon' && base === 'sd2'))
    return builder.add('ModelSamplingDiscrete', { model, sampling: 'eps', zsnr });
  return model;
}

/** A prompt as conditioning; the parts between BREAK are encoded apart and put one behind the other, as A1111 does. */
function addText(builder: GraphBuilder, clip: Link, prompt: string, embeddings: readonly NamedEmbedding[]): Link {
  const parts = splitPrompt(prompt, embeddings).map((text) => builder.add('CLIPTextEncode', { text, clip }));
  return parts.reduce((conditioning_to, conditioning_from) =>
    builder.add('ConditioningConcat', { conditioning_to, conditioning_from }),
  );
}

import { type LayoutTensor, layer, norm, upTo, weight } from './types.ts';

/** What tells one Stable Diffusion UNet from another (`openaimodel.py` of latent-diffusion and generative-models). */
export interface UnetParameters {
  /** Channels of the first layer. */
  channels: number;
  /** Factor on the channels at each level. */
  multipliers: readonly number[];
  /** Transformer blocks in each attention of a level; 0 where the level has none. */
  depths: readonly number[];
  middleDepth: number;
  inputChannels: number;
  /** Width of the text that cross-attention reads. */
  context: number;
  /** Width of the extra conditioning vector, where there is one. */
  vector?: number;
  /** `proj_in` and `proj_out` as matrices, not as 1×1 convolutions. */
  linearProjection: boolean;
}

const SD1: UnetParameters = {
  channels: 320,
  multipliers: [1, 2, 4, 4],
  depths: [1, 1, 1, 0],
  middleDepth: 1,
  inputChannels: 4,
  context: 768,
  linearProjection: false,
};
const SD2: UnetParameters = { ...SD1, context: 1024, linearProjection: true };
const SDXL: UnetParameters = {
  channels: 320,
  multipliers: [1, 2, 4],
  depths: [0, 2, 10],
  middleDepth: 10,
  inputChannels: 4,
  context: 2048,
  vector: 2816,
  linearProjection: true,
};
const REFINER: UnetParameters = {
  channels: 384,
  multipliers: [1, 2, 4, 4],
  depths: [0, 4, 4, 0],
  middleDepth: 4,
  inputChannels: 4,
  context: 1280,
  vector: 2560,
  linearProjection: true,
};
const inpaint = (parameters: UnetParameters): UnetParameters => ({ ...parameters, inputChannels: 9 });
const pix2pix = (parameters: UnetParameters): UnetParameters => ({ ...parameters, inputChannels: 8 });

export const UNETS = {
  sd1: SD1,
  'sd1-inpaint': inpaint(SD1),
  'sd1-pix2pix': pix2pix(SD1),
  sd2: SD2,
  'sd2-inpaint': inpaint(SD2),
  sdxl: SDXL,
  'sdxl-inpaint': inpaint(SDXL),
  'sdxl-refiner': REFINER,
} as const;

const BLOCKS_PER_LEVEL = 2;

/** Attention in a UNet: where it stands in both ways of naming, and its size. */
export interface AttentionPlace {
  /** Name in checkpoints, e.g. `input_blocks.1.1`. */
  ldm: string;
  /** Name in diffusers, e.g. `down_blocks.0.attentions.0`. */
  diffusers: string;
  channels: number;
  depth: number;
}

interface Step {
  /** `input_blocks.3`. */
  block: string;
  residual?: { input: number; output: number };
  attention?: AttentionPlace;
  /** Halving or doubling of the picture at the end of a level. */
  resample?: { name: string; channels: number };
}

/** The UNet's blocks from input to output, in the order in which a checkpoint names them. */
function planSteps({ channels, multipliers, depths, middleDepth }: UnetParameters): Step[] {
  const steps: Step[] = [];
  const skips = [channels];
  let width = channels;
  let index = 1;

  for (const [level, multiplier] of multipliers.entries()) {
    const depth = depths[level] ?? 0;
    for (const inner of upTo(BLOCKS_PER_LEVEL)) {
      const block = `input_blocks.${index++}`;
      const output = multiplier * channels;
      steps.push({
        block,
        residual: { input: width, output },
        ...placeOf(`${block}.1`, `down_blocks.${level}.attentions.${inner}`, output, depth),
      });
      width = output;
      skips.push(width);
    }
    if (level < multipliers.length - 1) {
      const block = `input_blocks.${index++}`;
      steps.push({ block, resample: { name: `${block}.0.op`, channels: width } });
      skips.push(width);
    }
  }

  steps.push({ block: 'middle_block', ...placeOf('middle_block.1', 'mid_block.attentions.0', width, middleDepth) });

  index = 0;
  for (const level of upTo(multipliers.length).reverse()) {
    const depth = depths[level] ?? 0;
    for (const inner of upTo(BLOCKS_PER_LEVEL + 1)) {
      const block = `output_blocks.${index++}`;
      const output = (multipliers[level] ?? 1) * channels;
      const fromEnd = multipliers.length - 1 - level;
      const last = inner === BLOCKS_PER_LEVEL && level > 0;
      steps.push({
        block,
        residual: { input: width + (skips.pop() ?? 0), output },
        ...placeOf(`${block}.1`, `up_blocks.${fromEnd}.attentions.${inner}`, output, depth),
        ...(last ? { resample: { name: `${block}.${depth > 0 ? 2 : 1}.conv`, channels: output } } : {}),
      });
      width = output;
    }
  }
  return steps;
}

function placeOf(ldm: string, diffusers: string, channels: number, depth: number): { attention?: AttentionPlace } {
  return depth === 0 ? {} : { attention: { ldm, diffusers, channels, depth } };
}

/** Where a UNet has attention: what most LoRAs change. */
export function listAttentions(parameters: UnetParameters): AttentionPlace[] {
  return planSteps(parameters).flatMap(({ attention }) => (attention === undefined ? [] : [attention]));
}

/** Every tensor of a UNet, under the names of original checkpoints and in the order of its modules. */
export function unetLayout(parameters: UnetParameters): LayoutTensor[] {
  const { channels, inputChannels, vector, multipliers } = parameters;
  const time = channels * 4;
  const middle = channels * (multipliers.at(-1) ?? 1);
  const transformer = (place: AttentionPlace) => transformerLayout(place, parameters);

  const body = planSteps(parameters).flatMap(({ block, residual, attention, resample }) => {
    const inner = attention === undefined ? [] : transformer(attention);
    if (block === 'middle_block') {
      return [
        ...residualLayout(`${block}.0`, middle, middle, time),
        ...inner,
        ...residualLayout(`${block}.2`, middle, middle, time),
      ];
    }
    return [
      ...(residual === undefined ? [] : residualLayout(`${block}.0`, residual.input, residual.output, time)),
      ...inner,
      ...(resample === undefined ? [] : layer(resample.name, resample.channels, resample.channels, 3, 3)),
    ];
  });

  return [
    ...layer('time_embed.0', time, channels),
    ...layer('time_embed.2', time, time),
    ...(vector === undefined ? [] : [...layer('label_emb.0.0', time, vector), ...layer('label_emb.0.2', time, time)]),
    ...layer('input_blocks.0.0', channels, inputChannels, 3, 3),
    ...body,
    ...norm('out.0', channels),
    ...layer('out.2', 4, channels, 3, 3),
  ];
}

function residualLayout(name: string, input: number, output: number, time: number): LayoutTensor[] {
  return [
    ...norm(`${name}.in_layers.0`, input),
    ...layer(`${name}.in_layers.2`, output, input, 3, 3),
    ...layer(`${name}.emb_layers.1`, output, time),
    ...norm(`${name}.out_layers.0`, output),
    ...layer(`${name}.out_layers.3`, output, output, 3, 3),
    ...(input === output ? [] : layer(`${name}.skip_connection`, output, input, 1, 1)),
  ];
}

function transformerLayout(
  { ldm, channels, depth }: AttentionPlace,
  { context, linearProjection }: UnetParameters,
): LayoutTensor[] {
  const kernel = linearProjection ? [] : [1, 1];
  const attention = (name: string, width: number) => [
    weight(`${name}.to_q`, channels, channels),
    weight(`${name}.to_k`, channels, width),
    weight(`${name}.to_v`, channels, width),
    ...layer(`${name}.to_out.0`, channels, channels),
  ];
  return [
    ...norm(`${ldm}.norm`, channels),
    ...layer(`${ldm}.proj_in`, channels, channels, ...kernel),
    ...upTo(depth).flatMap((index) => {
      const block = `${ldm}.transformer_blocks.${index}`;
      return [
        ...attention(`${block}.attn1`, channels),
        // Gated: the first matrix makes the values and the gate, each four times as wide as the block.
        ...layer(`${block}.ff.net.0.proj`, channels * 8, channels),
        ...layer(`${block}.ff.net.2`, channels, channels * 4),
        ...attention(`${block}.attn2`, context),
        ...norm(`${block}.norm1`, channels),
        ...norm(`${block}.norm2`, channels),
        ...norm(`${block}.norm3`, channels),
      ];
    }),
    ...layer(`${ldm}.proj_out`, channels, channels, ...kernel),
  ];
}

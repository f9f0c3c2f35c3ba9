import type { KnownBase } from '../bases/index.ts';
import type { KeyIndex } from './key-index.ts';

/** What the shapes of a Stable Diffusion UNet tell. Keys are relative to the network's prefix. */
export interface UnetFeatures {
  layout: 'ldm' | 'diffusers';
  /** Width of the first layer. */
  channels: number;
  inputChannels: number;
  /** Width of the text that cross-attention reads: what tells the bases apart. */
  context: number | undefined;
  /** Width of the extra conditioning vector, or undefined where there is none. */
  vector: number | undefined;
  /** Transformer blocks of each attention level on the way down. */
  depths: number[];
  hasMiddle: boolean;
  /** The keys these were read from. */
  contextKey: string | undefined;
  inputKey: string;
  vectorKey: string | undefined;
}

const LDM_CONTEXT = 'input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight';
const DIFFUSERS_CONTEXT = 'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight';

/** Measures the UNet in `keys`, or undefined where there is none. */
export function measureUnet(keys: KeyIndex): UnetFeatures | undefined {
  if (keys.shape('input_blocks.0.0.weight')?.length === 4 && keys.find(/^output_blocks\./) !== undefined) {
    return measure(keys, {
      layout: 'ldm',
      inputKey: 'input_blocks.0.0.weight',
      contextKeys: [LDM_CONTEXT, /^input_blocks\.\d+\.1\.transformer_blocks\.0\.attn2\.to_k\.weight$/],
      vectorKeys: ['label_emb.0.0.weight'],
      block: /^input_blocks\.(\d+)\.1\.transformer_blocks\.(\d+)\.attn1\.to_q\.weight$/,
      middle: /^middle_block\.1\./,
    });
  }
  if (keys.shape('conv_in.weight')?.length === 4 && keys.find(/^up_blocks\.\d+\.resnets\./) !== undefined) {
    return measure(keys, {
      layout: 'diffusers',
      inputKey: 'conv_in.weight',
      contextKeys: [DIFFUSERS_CONTEXT, /^down_blocks\.\d+\.attentions\.0\.transformer_blocks\.0\.attn2\.to_k\.weight$/],
      vectorKeys: ['add_embedding.linear_1.weight', 'class_embedding.linear_1.weight'],
      block: /^down_blocks\.(\d+\.attentions\.\d+)\.transformer_blocks\.(\d+)\.attn1\.to_q\.weight$/,
      middle: /^mid_block\.attentions\.0\./,
    });
  }
  return undefined;
}

/** One tensor that every transformer block has. */
const QUERY = '.attn1.to_q.weight';

interface Layout {
  layout: UnetFeatures['layout'];
  inputKey: string;
  contextKeys: readonly [string, RegExp];
  vectorKeys: readonly string[];
  block: RegExp;
  middle: RegExp;
}

function measure(keys: KeyIndex, { layout, inputKey, contextKeys, vectorKeys, block, middle }: Layout): UnetFeatures {
  const contextKey = keys.has(contextKeys[0]) ? contextKeys[0] : keys.find(contextKeys[1]);
  const vectorKey = vectorKeys.find((name) => keys.has(name));
  const depths = new Map<string, number>();
  for (const name of keys.names) {
    // Nearly all names end otherwise, and looking at the end costs less than the pattern.
    if (!name.endsWith(QUERY)) continue;
    const level = block.exec(name)?.[1];
    if (level !== undefined) depths.set(level, (depths.get(level) ?? 0) + 1);
  }
  return {
    layout,
    channels: keys.side(inputKey, 0) ?? 0,
    inputChannels: keys.side(inputKey, 1) ?? 0,
    context: contextKey === undefined ? undefined : keys.side(contextKey, 1),
    vector: vectorKey === undefined ? undefined : keys.side(vectorKey, 1),
    depths: [...depths].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })).map(([, count]) => count),
    hasMiddle: keys.find(middle) !== undefined,
    contextKey,
    inputKey,
    vectorKey,
  };
}

/** One kind of UNet. Fields left out are not asked; the first row that fits is taken. */
export interface UnetRow {
  base: KnownBase;
  variant: string | null;
  context: number;
  channels?: number;
  inputChannels?: number;
  vector?: number;
  depths?: string;
  hasMiddle?: boolean;
  /** A key of the whole file, with the size of its first side. */
  fileKey?: readonly [key: string, size?: number];
  prediction?: 'epsilon' | 'v' | 'edm';
  /** Tensors of the whole network in the LDM layout. */
  tensors?: number;
}

export const UNET_ROWS: readonly UnetRow[] = [
  { base: 'sd1', variant: 'zero123', context: 768, inputChannels: 8, fileKey: ['cc_projection.weight'] },
  {
    base: 'sd1',
    variant: 'alt-diffusion',
    context: 768,
    fileKey: ['cond_stage_model.roberta.embeddings.word_embeddings.weight'],
  },
  { base: 'sd1', variant: 'distilled', context: 768, inputChannels: 4, hasMiddle: false },
  { base: 'sd1', variant: null, context: 768, inputChannels: 4, tensors: 686 },
  { base: 'sd1', variant: 'inpaint', context: 768, inputChannels: 9, tensors: 686 },
  { base: 'sd1', variant: 'pix2pix', context: 768, inputChannels: 8, tensors: 686 },

  { base: 'svd', variant: null, context: 1024, inputChannels: 8, vector: 768, prediction: 'v' },
  { base: 'sd2', variant: 'unclip', context: 1024, inputChannels: 4, vector: 1536, prediction: 'v' },
  { base: 'sd2', variant: 'unclip', context: 1024, inputChannels: 4, vector: 2048, prediction: 'v' },
  { base: 'sd2', variant: 'lotus', context: 1024, vector: 4 },
  { base: 'sd2', variant: 'depth', context: 1024, inputChannels: 5, prediction: 'epsilon', tensors: 686 },
  { base: 'sd2', variant: 'inpaint', context: 1024, inputChannels: 9, prediction: 'epsilon', tensors: 686 },
  { base: 'sd2', variant: 'upscaler', context: 1024, inputChannels: 7, prediction: 'v' },
  {
    base: 'sd2',
    variant: 'turbo',
    context: 1024,
    inputChannels: 4,
    fileKey: ['conditioner.embedders.0.model.ln_final.weight', 1024],
    prediction: 'epsilon',
    tensors: 686,
  },
  { base: 'sd2', variant: 'distilled', context: 1024, inputChannels: 4, hasMiddle: false },
  { base: 'sd2', variant: null, context: 1024, inputChannels: 4, tensors: 686 },

  { base: 'sdxl-refiner', variant: null, context: 1280, channels: 384, tensors: 1220, prediction: 'epsilon' },

  { base: 'kolors', variant: null, context: 2048, fileKey: ['encoder_hid_proj.weight', 2048], prediction: 'epsilon' },
  { base: 'sdxl', variant: 'inpaint', context: 2048, inputChannels: 9, tensors: 1680 },
  { base: 'sdxl', variant: 'pix2pix', context: 2048, inputChannels: 8, tensors: 1680 },
  { base: 'sdxl', variant: 'playground-v2.5', context: 2048, fileKey: ['edm_mean'], prediction: 'edm' },
  { base: 'sdxl', variant: 'ssd-1b', context: 2048, depths: '2,2,4,4', tensors: 944 },
  { base: 'sdxl', variant: 'segmind-vega', context: 2048, depths: '1,1,2,2' },
  { base: 'sdxl', variant: 'koala', context: 2048, depths: '2,5' },
  { base: 'sdxl', variant: 'koala', context: 2048, depths: '2,6' },
  { base: 'sdxl', variant: null, context: 2048, inputChannels: 4, depths: '2,2,10,10', tensors: 1680 },
  { base: 'sdxl', variant: null, context: 2048, inputChannels: 4 },
];

/** The first row that the features fit. Without cross-attention's width nothing fits. */
export function matchUnet(features: UnetFeatures, file: KeyIndex): UnetRow | undefined {
  return UNET_ROWS.find(
    (row) =>
      row.context === features.context &&
      (row.channels === undefined || row.channels === features.channels) &&
      (row.inputChannels === undefined || row.inputChannels === features.inputChannels) &&
      (row.vector === undefined || row.vector === features.vector) &&
      (row.depths === undefined || row.depths === features.depths.join(',')) &&
      (row.hasMiddle === undefined || row.hasMiddle === features.hasMiddle) &&
      (row.fileKey === undefined || hasFileKey(file, row.fileKey)),
  );
}

function hasFileKey(file: KeyIndex, [key, size]: readonly [string, number?]): boolean {
  const name = file.findEnding(key);
  return name !== undefined && (size === undefined || file.side(name, 0) === size);
}

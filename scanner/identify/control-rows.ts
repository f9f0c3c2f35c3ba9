import type { KnownBase } from '../bases/index.ts';
/** Width of the text that cross-attention reads → base. */
export const CONTEXT_BASES: ReadonlyMap<number, KnownBase> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [1280, 'sdxl-refiner'],
  [2048, 'sdxl'],
]);

/** A tensor by its exact name, or the first that a pattern fits. */
export type KeyMark = string | RegExp;

export interface ControlRow {
  type: 'controlnet' | 't2i-adapter' | 'ip-adapter' | 'motion-module';
  variant?: string;
  /** All must be there. */
  marks: readonly KeyMark[];
  /** None may be there. */
  none?: readonly KeyMark[];
  /** Sides that must have a size. */
  sides?: readonly (readonly [mark: KeyMark, axis: number, size: number])[];
  /** The base where it is fixed, else the first of these tensors tells it by its side `axis`. */
  base?: KnownBase;
  width?: { keys: readonly KeyMark[]; axis: number; bases: ReadonlyMap<number, KnownBase> };
}

const CONTROL_NET = 'controlnet_cond_embedding.conv_in.weight';
const BLOCKS = 'controlnet_blocks.0.weight';
const VECTOR = 'add_embedding.linear_1.weight';
const MOTION = /motion_modules\./;
const T2I = /^(?:adapter\.)?body\.0\.(?:block2\.weight|resnets\.0\.block1\.weight|in_conv\.weight)$/;
/** LDM names of a ControlNet, in a file of its own or inside a checkpoint. */
const LDM = /^(?:control_model\.)?zero_convs\.0\.0\.weight$/;

const diffusersText = {
  keys: [/^down_blocks\.\d+\.attentions\.0\.transformer_blocks\.0\.attn2\.to_k\.weight$/],
  axis: 1,
  bases: CONTEXT_BASES,
};
const ldmText = {
  keys: [/^(?:control_model\.)?input_blocks\.4\.1\.transformer_blocks\.0\.attn2\.to_k\.weight$/],
  axis: 1,
  bases: CONTEXT_BASES,
};
const imageText = {
  keys: [/to_k_ip\.weight$/],
  axis: -1,
  bases: new Map<number, KnownBase>([
    [768, 'sd1'],
    [1024, 'sd2'],
    [2048, 'sdxl'],
    [2432, 'sd3.5'],
    [4096, 'flux1'],
  ]),
};
/** Pixels folded into channels: eight times eight, or sixteen times sixteen for SDXL, of one or three colours. */
const foldedPixels = {
  keys: [/^(?:adapter\.)?conv_in\.weight$/],
  axis: 1,
  bases: new Map<number, KnownBase>([
    [64, 'sd1'],
    [192, 'sd1'],
    [256, 'sdxl'],
    [768, 'sdxl'],
  ]),
};

/**
 * Networks that steer another, in the order to test them: what stands above has all the keys of what stands below it
 * (ComfyUI `controlnet.py` and `t2i_adapter`, AnimateDiff-Evolved `motion_module_ad.py`).
 */
export const CONTROL_ROWS: readonly ControlRow[] = [
  {
    type: 'ip-adapter',
    variant: 'faceid',
    marks: [/^image_proj\./, /^ip_adapter\.\d+\.to_q_lora\.down\.weight$/],
    width: imageText,
  },
  { type: 'ip-adapter', marks: [/^image_proj\./, /^ip_adapter\./], width: imageText },
  {
    type: 'ip-adapter',
    variant: 'xlabs',
    base: 'flux1',
    marks: [/^ip_adapter_proj_model\./, /^double_blocks\.0\.processor\.ip_adapter_double_stream_k_proj\./],
  },
  { type: 'ip-adapter', variant: 'redux', base: 'flux1', marks: [/^redux_(?:up|down)\.(?:weight|bias)$/] },
  // Its cross attentions are FLUX.1's; the encoder of faces is the same for others.
  {
    type: 'ip-adapter',
    variant: 'pulid',
    marks: [/^pulid_(?:encoder|ca)\./],
    width: { keys: [/^pulid_ca\.\d+\.to_q\.weight$/], axis: 1, bases: new Map([[3072, 'flux1']]) },
  },

  { type: 'controlnet', base: 'hunyuan-dit', marks: ['after_proj_list.18.bias'] },
  {
    type: 'controlnet',
    variant: 'lora',
    marks: ['lora_controlnet'],
    width: { keys: [/attn2\.to_k\.down$/], axis: 1, bases: CONTEXT_BASES },
  },
  { type: 'controlnet', variant: 'sparsectrl', marks: [CONTROL_NET, MOTION], width: diffusersText },
  {
    type: 'controlnet',
    variant: 'union',
    base: 'sdxl',
    marks: [CONTROL_NET, 'control_add_embedding.linear_1.bias', 'task_embedding'],
  },
  {
    type: 'controlnet',
    base: 'sdxl',
    marks: [CONTROL_NET, VECTOR, 'down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.weight'],
  },
  {
    type: 'controlnet',
    variant: 'mid',
    base: 'sdxl',
    marks: [CONTROL_NET, VECTOR, 'down_blocks.1.attentions.0.norm.weight'],
  },
  { type: 'controlnet', variant: 'small', base: 'sdxl', marks: [CONTROL_NET, VECTOR] },
  { type: 'controlnet', marks: [CONTROL_NET], width: diffusersText },
  {
    type: 'controlnet',
    variant: 'xlabs',
    base: 'flux1',
    marks: [BLOCKS, 'double_blocks.0.img_attn.norm.key_norm.scale'],
  },
  {
    type: 'controlnet',
    variant: 'large',
    base: 'sd3.5',
    marks: [BLOCKS, 'pos_embed_input.proj.weight', 'transformer_blocks.0.adaLN_modulation.1.bias'],
  },
  { type: 'controlnet', base: 'sd3', marks: [BLOCKS, 'pos_embed_input.proj.weight'] },
  { type: 'controlnet', base: 'qwen-image', marks: [BLOCKS, 'transformer_blocks.0.img_mlp.net.0.proj.weight'] },
  {
    type: 'controlnet',
    variant: 'union',
    base: 'flux1',
    marks: [BLOCKS, 'controlnet_x_embedder.weight', 'controlnet_mode_embedder.weight'],
  },
  {
    type: 'controlnet',
    variant: 'inpaint',
    base: 'flux1',
    marks: [BLOCKS],
    sides: [['controlnet_x_embedder.weight', 1, 68]],
  },
  { type: 'controlnet', base: 'flux1', marks: [BLOCKS, 'controlnet_x_embedder.weight'] },
  { type: 'controlnet', variant: 'mistoline', base: 'flux1', marks: ['controlnet_blocks.0.linear.weight'] },
  { type: 'controlnet', variant: 'fun-control', base: 'qwen-image', marks: ['controlnet_blocks.0.input_proj.weight'] },
  {
    type: 'controlnet',
    base: 'z-image',
    marks: ['control_all_x_embedder.2-1.weight', /^control_(?:layers|noise_refiner)\./],
  },
  { type: 'controlnet', variant: 'difference', marks: [LDM, 'difference'], width: ldmText },
  { type: 'controlnet', marks: [LDM], width: ldmText },
  { type: 'controlnet', variant: 'lllite', base: 'sdxl', marks: [/^lllite_unet_/] },
  { type: 'controlnet', variant: 'lllite', base: 'anima', marks: [/^lllite_dit_blocks_/] },
  {
    type: 'controlnet',
    base: 'stable-cascade',
    marks: [/^backbone\.(?:0\.0|10\.blocks\.0)\.weight$/],
  },

  {
    type: 't2i-adapter',
    variant: 'light',
    marks: [/^(?:adapter\.)?body\.0\.in_conv\.weight$/],
    none: [/^(?:adapter\.)?body\.0\.block2\.weight$/],
    width: foldedPixels,
  },
  { type: 't2i-adapter', marks: [/^(?:adapter\.)?conv_in\.weight$/, T2I], width: foldedPixels },

  {
    type: 'motion-module',
    variant: 'lora',
    base: 'sd1',
    marks: [MOTION, /motion_modules\..*processor\..*_lora\.(?:down|up)\.weight$/],
  },
  { type: 'motion-module', variant: 'pia', base: 'sd1', marks: [MOTION, 'conv_in.weight'] },
  { type: 'motion-module', variant: 'fancyvideo', base: 'sd1', marks: [MOTION, 'FancyVideo'] },
  { type: 'motion-module', variant: 'v2', base: 'sd1', marks: [/^mid_block\.motion_modules\./] },
  {
    type: 'motion-module',
    variant: 'lcm',
    base: 'sd1',
    marks: [/^down_blocks\.3\.motion_modules\./],
    none: [/motion_modules\..*pos_encoder/],
  },
  {
    type: 'motion-module',
    variant: 'v1',
    base: 'sd1',
    marks: [/^down_blocks\.3\.motion_modules\./],
    sides: [[/motion_modules\..*pos_encoder\.pe$/, 1, 24]],
  },
  {
    type: 'motion-module',
    variant: 'v3',
    base: 'sd1',
    marks: [/^down_blocks\.3\.motion_modules\./],
    sides: [[/motion_modules\..*pos_encoder\.pe$/, 1, 32]],
  },
  { type: 'motion-module', base: 'sd1', marks: [/^down_blocks\.3\.motion_modules\./] },
  { type: 'motion-module', base: 'sdxl', marks: [/^down_blocks\.2\.motion_modules\./] },
  {
    type: 'motion-module',
    variant: 'hotshot',
    base: 'sdxl',
    marks: [/temporal_attentions\./, /pos_encoder\.positional_encoding$/],
  },
];

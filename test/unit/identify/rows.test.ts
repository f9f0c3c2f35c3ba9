import { describe, expect, it } from 'vitest';
import { CONTROL_ROWS, type ControlRow, type KeyMark } from '../../../scanner/identify/control-rows.ts';
import { identify } from '../../../scanner/identify/index.ts';
import type { KeyRow, KeyTest } from '../../../scanner/identify/key-index.ts';
import { ENCODER_ROWS } from '../../../scanner/identify/text-encoder.ts';
import { TRANSFORMER_ROWS } from '../../../scanner/identify/transformer-rows.ts';
import { UPSCALER_ROWS } from '../../../scanner/identify/upscaler.ts';
import { VAE_ROWS } from '../../../scanner/identify/vae.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

/**
 * Files as their makers publish them, by the names and sides that tell them (reference: the readers of ComfyUI, SwarmUI,
 * Invoke and spandrel). Written down here apart from the tables, so that a row that another one swallows is found.
 */
type Case = readonly [what: string, shapes: Shapes, expected: { type?: string; base: string; variant: string | null }];

const FLUX = { 'double_blocks.0.img_attn.norm.key_norm.scale': [128] };
const fluxOf = (inputs: number, more: Shapes = {}): Shapes => ({ ...FLUX, 'img_in.weight': [3072, inputs], ...more });
const DIFFUSERS_FLUX = { 'single_transformer_blocks.0.norm.linear.weight': [9216, 3072] };
const SD3 = { 'joint_blocks.0.context_block.attn.qkv.weight': [4608, 1536] };
const DIFFUSERS_SD3 = {
  'transformer_blocks.0.attn.add_q_proj.weight': [1536, 1536],
  'pos_embed.proj.weight': [1536, 16, 2, 2],
};
const HUNYUAN = { 'txt_in.individual_token_refiner.blocks.0.norm1.weight': [3072] };
const QWEN = { 'txt_norm.weight': [3584], 'transformer_blocks.0.img_mod.1.weight': [18432, 3072] };
const LTX = { 'adaln_single.emb.timestep_embedder.linear_1.bias': [2048] };
const wan = (width: number, inputs: number, more: Shapes = {}): Shapes => ({
  'patch_embedding.weight': [width, inputs, 1, 2, 2],
  'head.modulation': [1, 2, width],
  ...more,
});
const kandinsky = (width: number): Shapes => ({
  'text_embeddings.in_layer.weight': [width, 3584],
  'text_transformer_blocks.0.text_modulation.out_layer.weight': [width, 512],
});
const cosmos = (width: number): Shapes => ({
  'blocks.0.mlp.layer1.weight': [4 * width, width],
  'x_embedder.proj.1.weight': [width, 68],
});

const BACKBONES: readonly Case[] = [
  [
    'SD 3.5 Large',
    { ...SD3, 'joint_blocks.37.context_block.attn.qkv.weight': [7296, 2432] },
    { base: 'sd3.5', variant: 'large' },
  ],
  [
    'SD 3.5 Medium',
    { ...SD3, 'joint_blocks.0.x_block.attn2.qkv.weight': [4608, 1536] },
    { base: 'sd3.5', variant: 'medium' },
  ],
  ['SD 3.5 cut short', { ...SD3, 'joint_blocks.0.x_block.attn.ln_q.weight': [64] }, { base: 'sd3.5', variant: null }],
  ['SD 3', SD3, { base: 'sd3', variant: null }],
  [
    'SD 3.5 Large, diffusers',
    { ...DIFFUSERS_SD3, 'transformer_blocks.37.attn.add_q_proj.weight': [2432, 2432] },
    { base: 'sd3.5', variant: 'large' },
  ],
  [
    'SD 3.5 Medium, diffusers',
    { ...DIFFUSERS_SD3, 'transformer_blocks.0.attn2.to_q.weight': [1536, 1536] },
    { base: 'sd3.5', variant: 'medium' },
  ],
  [
    'SD 3.5, diffusers',
    { ...DIFFUSERS_SD3, 'transformer_blocks.0.attn.norm_q.weight': [64] },
    { base: 'sd3.5', variant: null },
  ],
  ['SD 3, diffusers', DIFFUSERS_SD3, { base: 'sd3', variant: null }],
  [
    'Cascade C lite',
    { 'clf.1.weight': [16, 1536, 1, 1], 'clip_txt_mapper.weight': [1536, 1280] },
    { base: 'stable-cascade', variant: 'stage-c-lite' },
  ],
  [
    'Cascade C',
    { 'clf.1.weight': [16, 2048, 1, 1], 'clip_txt_mapper.weight': [2048, 1280] },
    { base: 'stable-cascade', variant: 'stage-c' },
  ],
  [
    'Cascade C, diffusers',
    { 'clf.1.weight': [16, 2048, 1, 1], 'clip_txt_pooled_mapper.weight': [8192, 1280] },
    { base: 'stable-cascade', variant: 'stage-c' },
  ],
  [
    'Cascade B lite',
    { 'clf.1.weight': [16], 'clip_mapper.weight': [1], 'down_blocks.1.0.channelwise.0.weight': [2304, 576] },
    { base: 'stable-cascade', variant: 'stage-b-lite' },
  ],
  [
    'Cascade B',
    { 'clf.1.weight': [16], 'clip_mapper.weight': [1], 'down_blocks.1.0.channelwise.0.weight': [2560, 640] },
    { base: 'stable-cascade', variant: 'stage-b' },
  ],
  ['Stable Audio', { 'transformer.rotary_pos_emb.inv_freq': [16] }, { base: 'stable-audio', variant: null }],
  [
    'AuraFlow',
    { 'double_layers.0.attn.w1q.weight': [3072, 3072], 'cond_seq_linear.weight': [3072, 2048] },
    { base: 'auraflow', variant: null },
  ],
  [
    'AuraFlow, diffusers',
    { 'joint_transformer_blocks.0.attn.add_k_proj.weight': [3072, 3072] },
    { base: 'auraflow', variant: null },
  ],
  [
    'HunyuanDiT 1.1',
    { 'mlp_t5.0.weight': [1], 'extra_embedder.0.weight': [5632, 3968] },
    { base: 'hunyuan-dit', variant: '1.1' },
  ],
  [
    'HunyuanDiT 1.2',
    { 'mlp_t5.0.weight': [1], 'extra_embedder.0.weight': [5632, 1024] },
    { base: 'hunyuan-dit', variant: null },
  ],
  [
    'HunyuanVideo',
    { ...HUNYUAN, 'vector_in.in_layer.weight': [1], 'img_in.proj.weight': [3072, 16, 1, 2, 2] },
    { base: 'hunyuan-video', variant: null },
  ],
  [
    'HunyuanVideo from pictures',
    { ...HUNYUAN, 'vector_in.in_layer.weight': [1], 'img_in.proj.weight': [3072, 33, 1, 2, 2] },
    { base: 'hunyuan-video', variant: 'i2v' },
  ],
  [
    'SkyReels',
    { ...HUNYUAN, 'vector_in.in_layer.weight': [1], 'img_in.proj.weight': [3072, 32, 1, 2, 2] },
    { base: 'hunyuan-video', variant: 'skyreels-i2v' },
  ],
  [
    'HunyuanVideo 1.5',
    { ...HUNYUAN, 'vision_in.proj.0.bias': [1152], 'byt5_in.fc1.weight': [1] },
    { base: 'hunyuan-video', variant: '1.5' },
  ],
  ['HunyuanImage 2.1', { ...HUNYUAN, 'byt5_in.fc1.weight': [2048, 1472] }, { base: 'hunyuan-image', variant: null }],
  [
    'the refiner of HunyuanImage',
    { ...HUNYUAN, 'time_r_in.mlp.0.bias': [3328] },
    { base: 'hunyuan-image', variant: 'refiner' },
  ],
  ['FLUX.2 dev', { 'double_stream_modulation_img.lin.weight': [36864, 6144] }, { base: 'flux2', variant: 'dev' }],
  [
    'FLUX.2 klein 9B',
    { 'double_stream_modulation_img.lin.weight': [24576, 4096] },
    { base: 'flux2', variant: 'klein-9b' },
  ],
  [
    'FLUX.2 klein 4B',
    { 'double_stream_modulation_img.lin.weight': [18432, 3072] },
    { base: 'flux2', variant: 'klein-4b' },
  ],
  [
    'FLUX.2 of a size of its own',
    { 'double_stream_modulation_img.lin.weight': [999, 3] },
    { base: 'flux2', variant: null },
  ],
  [
    'FLUX.2, diffusers',
    { 'single_transformer_blocks.0.attn.to_qkv_mlp_proj.weight': [1] },
    { base: 'flux2', variant: null },
  ],
  [
    'Zeta-Chroma',
    { 'dec_net.input_embedder.embedder.0.bias': [1], __x0__: [0] },
    { base: 'zeta-chroma', variant: null },
  ],
  ['Chroma', fluxOf(64, { 'distilled_guidance_layer.in_proj.bias': [5120] }), { base: 'chroma', variant: null }],
  [
    'Chroma by its norms',
    fluxOf(64, { 'distilled_guidance_layer.norms.0.scale': [5120] }),
    { base: 'chroma', variant: null },
  ],
  [
    'Chroma Radiance',
    fluxOf(64, { 'distilled_guidance_layer.in_proj.bias': [5120], 'nerf_blocks.0.norm.scale': [64] }),
    { base: 'chroma', variant: 'radiance' },
  ],
  ['LongCat', fluxOf(64, { 'txt_in.weight': [3072, 3584] }), { base: 'longcat', variant: null }],
  ['Ovis', fluxOf(64, { 'double_blocks.0.img_mlp.gate_proj.weight': [1] }), { base: 'ovis-image', variant: null }],
  ['FLUX.1 Fill', fluxOf(384, { 'guidance_in.in_layer.weight': [3072, 256] }), { base: 'flux1', variant: 'fill' }],
  [
    'FLUX.1 Depth and Canny',
    fluxOf(128, { 'guidance_in.in_layer.weight': [3072, 256] }),
    { base: 'flux1', variant: 'control' },
  ],
  ['Flex.2', fluxOf(196), { base: 'flux1', variant: 'flex2' }],
  ['FLUX.1 dev', fluxOf(64, { 'guidance_in.in_layer.weight': [3072, 256] }), { base: 'flux1', variant: 'dev' }],
  ['FLUX.1 schnell', fluxOf(64), { base: 'flux1', variant: 'schnell' }],
  ['FLUX.1 of unknown inputs', fluxOf(99), { base: 'flux1', variant: null }],
  [
    'FLUX.1 Fill, diffusers',
    { ...DIFFUSERS_FLUX, 'x_embedder.weight': [3072, 384] },
    { base: 'flux1', variant: 'fill' },
  ],
  [
    'FLUX.1 Depth, diffusers',
    { ...DIFFUSERS_FLUX, 'x_embedder.weight': [3072, 128] },
    { base: 'flux1', variant: 'control' },
  ],
  [
    'FLUX.1 dev, diffusers',
    { ...DIFFUSERS_FLUX, 'x_embedder.weight': [3072, 64], 'time_text_embed.guidance_embedder.linear_1.weight': [1] },
    { base: 'flux1', variant: 'dev' },
  ],
  [
    'FLUX.1 schnell, diffusers',
    { ...DIFFUSERS_FLUX, 'x_embedder.weight': [3072, 64] },
    { base: 'flux1', variant: 'schnell' },
  ],
  ['Mochi', { 't5_yproj.weight': [1] }, { base: 'mochi', variant: null }],
  ['Mochi by a norm', { 'blocks.0.attn.k_norm_x.weight': [1] }, { base: 'mochi', variant: null }],
  ['Mochi by its attention', { 'blocks.0.attn.qkv_x.weight': [1] }, { base: 'mochi', variant: null }],
  [
    'LTX 2.5',
    { keyframes_abs_pos_embedding: [1], 'audio_patchify_proj.weight': [1] },
    { base: 'ltx-2', variant: '2.5' },
  ],
  ['LTX 2.3', { 'transformer_blocks.1.prompt_scale_shift_table': [1] }, { base: 'ltx-2', variant: '2.3' }],
  [
    'LTX 2.3 by its sound',
    { 'text_embedding_projection.audio_aggregate_embed.weight': [1] },
    { base: 'ltx-2', variant: '2.3' },
  ],
  [
    'LTX-2',
    { ...LTX, 'patchify_proj.weight': [4096, 128], 'transformer_blocks.1.audio_to_video_attn.k_norm.weight': [1] },
    { base: 'ltx-2', variant: null },
  ],
  ['LTX-2 by its gates', { 'av_ca_a2v_gate_adaln_single.linear.weight': [1] }, { base: 'ltx-2', variant: null }],
  ['LTX-Video 13B', { ...LTX, 'patchify_proj.weight': [4096, 128] }, { base: 'ltx-video', variant: '13b' }],
  ['LTX-Video', { ...LTX, 'patchify_proj.weight': [2048, 128] }, { base: 'ltx-video', variant: null }],
  [
    'LTX-Video, diffusers',
    { scale_shift_table: [2, 2048], 'proj_in.weight': [2048, 128], 'transformer_blocks.0.attn2.to_k.weight': [1] },
    { base: 'ltx-video', variant: null },
  ],
  ['PixArt, diffusers', { ...LTX, 'pos_embed.proj.bias': [1152] }, { base: 'pixart', variant: null }],
  ['PixArt-α', { 't_block.1.weight': [1], 'ar_embedder.mlp.0.weight': [1] }, { base: 'pixart', variant: 'alpha' }],
  [
    'PixArt-Σ',
    { 't_block.1.weight': [1], 'y_embedder.y_embedding': [300, 4096] },
    { base: 'pixart', variant: 'sigma' },
  ],
  ['ACE-Step', { 'genre_embedder.weight': [1] }, { base: 'ace-step', variant: null }],
  [
    'ACE-Step 1.5',
    { 'encoder.lyric_encoder.layers.0.post_attention_layernorm.weight': [1] },
    { base: 'ace-step', variant: '1.5' },
  ],
  ['Cosmos 1', { 'blocks.block0.blocks.0.block.attn.to_q.0.weight': [1] }, { base: 'cosmos', variant: null }],
  [
    'Anima',
    { 'llm_adapter.blocks.0.cross_attn.q_proj.weight': [1], ...cosmos(2048) },
    { base: 'anima', variant: null },
  ],
  ['Cosmos Predict2 14B', cosmos(5120), { base: 'cosmos', variant: 'predict2-14b' }],
  ['Cosmos Predict2 2B', cosmos(2048), { base: 'cosmos', variant: 'predict2-2b' }],
  ['Cosmos of another size', cosmos(3000), { base: 'cosmos', variant: null }],
  [
    'Z-Image',
    { 'cap_embedder.1.weight': [3840, 2560], 'layers.0.adaLN_modulation.0.weight': [1] },
    { base: 'z-image', variant: null },
  ],
  [
    'Lumina 2',
    { 'cap_embedder.1.weight': [2304, 2304], 'layers.0.adaLN_modulation.0.weight': [1] },
    { base: 'lumina2', variant: null },
  ],
  [
    'Lumina 2, diffusers',
    { 'time_caption_embed.caption_embedder.1.weight': [1], 'layers.0.attn.to_q.weight': [1] },
    { base: 'lumina2', variant: null },
  ],
  ['Wan VACE', wan(5120, 16, { 'vace_patch_embedding.weight': [1] }), { base: 'wan', variant: 'vace' }],
  ['Wan VACE by its blocks', wan(5120, 16, { 'vace_blocks.0.after_proj.bias': [1] }), { base: 'wan', variant: 'vace' }],
  ['Wan with a camera', wan(5120, 32, { 'control_adapter.conv.weight': [1] }), { base: 'wan', variant: 'camera' }],
  ['Wan from sound', wan(5120, 16, { 'casual_audio_encoder.weights': [1] }), { base: 'wan', variant: 's2v' }],
  ['HuMo', wan(5120, 36, { 'audio_proj.audio_proj_glob_1.layer.bias': [1] }), { base: 'wan', variant: 'humo' }],
  [
    'Wan Animate',
    wan(5120, 36, { 'face_adapter.fuser_blocks.0.k_norm.weight': [1] }),
    { base: 'wan', variant: 'animate' },
  ],
  [
    'Wan Animate by its motion',
    wan(5120, 36, { 'motion_encoder.dec.direction.weight': [1] }),
    { base: 'wan', variant: 'animate' },
  ],
  [
    'Wan between two pictures',
    wan(5120, 36, { 'img_emb.emb_pos': [1], 'img_emb.proj.0.bias': [1] }),
    { base: 'wan', variant: 'flf2v' },
  ],
  ['Wan 2.1 from a picture', wan(5120, 36, { 'img_emb.proj.0.bias': [1] }), { base: 'wan', variant: 'i2v' }],
  ['Wan 2.2 from a picture', wan(5120, 36), { base: 'wan', variant: '2.2-i2v' }],
  ['Wan Fun-Control', wan(5120, 48), { base: 'wan', variant: 'fun-control' }],
  ['Wan 1.3B', wan(1536, 16), { base: 'wan', variant: '1.3b' }],
  ['Wan 2.2 5B', wan(3072, 48), { base: 'wan', variant: '5b' }],
  ['Wan 14B', wan(5120, 16), { base: 'wan', variant: '14b' }],
  [
    'Wan, diffusers',
    { 'patch_embedding.weight': [1536, 16, 1, 2, 2], 'blocks.0.attn2.to_v.weight': [1] },
    { base: 'wan', variant: null },
  ],
  ['Hunyuan3D', { 'latent_in.weight': [1], 'cond_in.weight': [1] }, { base: 'hunyuan3d', variant: null }],
  [
    'HiDream-I1',
    { 'caption_projection.0.linear.weight': [1], 'double_stream_blocks.0.block.adaLN_modulation.1.weight': [1] },
    { base: 'hidream', variant: null },
  ],
  [
    'HiDream-O1',
    { 'model.t_embedder1.mlp.0.weight': [1], 'model.a.1': [1], 'model.a.2': [1], 'model.a.3': [1], 'model.a.4': [1] },
    { base: 'hidream', variant: 'o1' },
  ],
  ['OmniGen 2', { 'time_caption_embed.timestep_embedder.linear_1.bias': [1] }, { base: 'omnigen2', variant: null }],
  ['MageFlow', { ...QWEN, 'txt_norm.weight': [2560] }, { base: 'mageflow', variant: null }],
  ['MageFlow by its inputs', { ...QWEN, 'img_in.weight': [3072, 128] }, { base: 'mageflow', variant: null }],
  [
    'Qwen-Image 2',
    { ...QWEN, 'transformer_blocks.0.img_mlp.gate_up_proj.weight': [1] },
    { base: 'qwen-image', variant: '2' },
  ],
  ['Qwen-Image Edit 2511', { ...QWEN, __index_timestep_zero__: [0] }, { base: 'qwen-image', variant: 'edit-2511' }],
  [
    'Qwen-Image Layered',
    { ...QWEN, 'time_text_embed.addition_t_embedding.weight': [1] },
    { base: 'qwen-image', variant: 'layered' },
  ],
  ['Qwen-Image', { ...QWEN, 'img_in.weight': [3072, 64] }, { base: 'qwen-image', variant: null }],
  ['Sana', { 'attention_y_norm.weight': [1] }, { base: 'sana', variant: null }],
  [
    'Sana by its attention',
    { 'blocks.0.cross_attn.q_linear.weight': [1], 'blocks.0.cross_attn.kv_linear.weight': [1] },
    { base: 'sana', variant: null },
  ],
  ['Krea 2', { 'txtfusion.projector.weight': [1] }, { base: 'krea2', variant: null }],
  ['Krea 2 by another name', { 'text_fusion.projector.weight': [1] }, { base: 'krea2', variant: null }],
  ['Krea 2 by its gate', { 'blocks.0.attn.gate.weight': [1] }, { base: 'krea2', variant: null }],
  ['Ideogram 4', { 'embed_image_indicator.weight': [1] }, { base: 'ideogram4', variant: null }],
  ['ERNIE-Image', { 'layers.0.adaLN_sa_ln.weight': [1] }, { base: 'ernie-image', variant: null }],
  ['Kandinsky 5 video lite', kandinsky(1792), { base: 'kandinsky5', variant: 'video-lite' }],
  ['Kandinsky 5 image lite', kandinsky(2560), { base: 'kandinsky5', variant: 'image-lite' }],
  ['Kandinsky 5 video pro', kandinsky(4096), { base: 'kandinsky5', variant: 'video-pro' }],
  ['Kandinsky 5 of another size', kandinsky(1000), { base: 'kandinsky5', variant: null }],
  [
    'Lens',
    { 'transformer_blocks.0.attn.norm_added_q.weight': [1], 'transformer_blocks.0.img_mlp.w1.weight': [1] },
    { base: 'lens', variant: null },
  ],
  [
    'PiD',
    { 'net.lq_proj.latent_proj.0.weight': [1], 'net.a.1': [1], 'net.a.2': [1], 'net.a.3': [1], 'net.a.4': [1] },
    { base: 'pid', variant: null },
  ],
  [
    'MiniMax H3',
    { 'video_patch_proj.weight': [1], 'audio_patch_proj.weight': [1] },
    { base: 'minimax-h3', variant: null },
  ],
  ['SeedVR2', { 'blocks.31.mlp.all.proj_in_gate.weight': [1] }, { base: 'seedvr2', variant: null }],
];

const CONTROL_NET = { 'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3], 'conv_in.weight': [320, 4, 3, 3] };
const text = (width: number) => ({ 'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, width] });
const LDM_CONTROL = {
  'zero_convs.0.0.weight': [320, 320, 1, 1],
  'input_hint_block.0.weight': [16, 3, 3, 3],
  'input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [640, 1024],
};
const BLOCKS = { 'controlnet_blocks.0.weight': [3072, 3072] };
const pe = (block: string, length: number) => ({
  [`${block}.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.pos_encoder.pe`]: [
    1,
    length,
    320,
  ],
});
const motion = (block: string) => ({ [`${block}.motion_modules.0.temporal_transformer.proj_in.weight`]: [320, 320] });
const controlNet = (base: string, variant: string | null = null) => ({ type: 'controlnet', base, variant });

const CONTROLS: readonly Case[] = [
  [
    'FaceID',
    {
      'image_proj.proj.0.weight': [1024, 512],
      'ip_adapter.0.to_q_lora.down.weight': [128, 320],
      'ip_adapter.1.to_k_ip.weight': [320, 768],
    },
    { type: 'ip-adapter', base: 'sd1', variant: 'faceid' },
  ],
  [
    'IP-Adapter',
    { 'image_proj.proj.weight': [8192, 1280], 'ip_adapter.1.to_k_ip.weight': [640, 2048] },
    { type: 'ip-adapter', base: 'sdxl', variant: null },
  ],
  [
    'the IP-Adapter of XLabs',
    {
      'ip_adapter_proj_model.proj.weight': [1],
      'double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight': [1],
    },
    { type: 'ip-adapter', base: 'flux1', variant: 'xlabs' },
  ],
  [
    'FLUX.1 Redux',
    { 'redux_up.weight': [12288, 1152], 'redux_down.weight': [4096, 12288] },
    { type: 'ip-adapter', base: 'flux1', variant: 'redux' },
  ],
  ['HunyuanDiT', { 'after_proj_list.18.bias': [1408] }, controlNet('hunyuan-dit')],
  [
    'Control-LoRA',
    { lora_controlnet: [], 'input_blocks.4.1.transformer_blocks.0.attn2.to_k.down': [128, 2048] },
    controlNet('sdxl', 'lora'),
  ],
  ['SparseCtrl', { ...CONTROL_NET, ...text(768), ...motion('down_blocks.0') }, controlNet('sd1', 'sparsectrl')],
  [
    'Union for SDXL',
    {
      ...CONTROL_NET,
      ...text(2048),
      'add_embedding.linear_1.weight': [1],
      'control_add_embedding.linear_1.bias': [1],
      task_embedding: [6, 320],
    },
    controlNet('sdxl', 'union'),
  ],
  [
    'SDXL',
    {
      ...CONTROL_NET,
      ...text(2048),
      'add_embedding.linear_1.weight': [1280, 2816],
      'down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.weight': [1],
    },
    controlNet('sdxl'),
  ],
  [
    'SDXL mid',
    { ...CONTROL_NET, 'add_embedding.linear_1.weight': [1], 'down_blocks.1.attentions.0.norm.weight': [1] },
    controlNet('sdxl', 'mid'),
  ],
  ['SDXL small', { ...CONTROL_NET, 'add_embedding.linear_1.weight': [1] }, controlNet('sdxl', 'small')],
  ['SD 2.x', { ...CONTROL_NET, ...text(1024) }, controlNet('sd2')],
  ['XLabs', { ...BLOCKS, ...FLUX }, controlNet('flux1', 'xlabs')],
  [
    'SD 3.5 Large',
    { ...BLOCKS, 'pos_embed_input.proj.weight': [1], 'transformer_blocks.0.adaLN_modulation.1.bias': [1] },
    controlNet('sd3.5', 'large'),
  ],
  ['SD 3', { ...BLOCKS, 'pos_embed_input.proj.weight': [1] }, controlNet('sd3')],
  ['Qwen-Image', { ...BLOCKS, 'transformer_blocks.0.img_mlp.net.0.proj.weight': [1] }, controlNet('qwen-image')],
  [
    'FLUX.1 Union',
    { ...BLOCKS, 'controlnet_x_embedder.weight': [3072, 64], 'controlnet_mode_embedder.weight': [1] },
    controlNet('flux1', 'union'),
  ],
  ['FLUX.1 inpainting', { ...BLOCKS, 'controlnet_x_embedder.weight': [3072, 68] }, controlNet('flux1', 'inpaint')],
  ['FLUX.1', { ...BLOCKS, 'controlnet_x_embedder.weight': [3072, 64] }, controlNet('flux1')],
  ['MistoLine', { 'controlnet_blocks.0.linear.weight': [1] }, controlNet('flux1', 'mistoline')],
  ['Qwen-Image fun control', { 'controlnet_blocks.0.input_proj.weight': [1] }, controlNet('qwen-image', 'fun-control')],
  [
    'Z-Image',
    { 'control_all_x_embedder.2-1.weight': [1], 'control_layers.0.before_proj.weight': [1] },
    controlNet('z-image'),
  ],
  ['a difference', { ...LDM_CONTROL, difference: [] }, controlNet('sd2', 'difference')],
  ['the LDM layout', LDM_CONTROL, controlNet('sd2')],
  ['LLLite for SDXL', { 'lllite_unet_input_blocks_4_1.conditioning1.0.weight': [1] }, controlNet('sdxl', 'lllite')],
  ['LLLite for Anima', { 'lllite_dit_blocks_0.conditioning1.0.weight': [1] }, controlNet('anima', 'lllite')],
  ['Stable Cascade', { 'backbone.0.0.weight': [1] }, controlNet('stable-cascade')],
  [
    'T2I-Adapter light',
    { 'body.0.in_conv.weight': [1], 'conv_in.weight': [1, 192, 3, 3] },
    { type: 't2i-adapter', base: 'sd1', variant: 'light' },
  ],
  [
    'T2I-Adapter',
    { 'conv_in.weight': [320, 768, 3, 3], 'body.0.block2.weight': [1] },
    { type: 't2i-adapter', base: 'sdxl', variant: null },
  ],
  [
    'T2I-Adapter, diffusers',
    { 'adapter.conv_in.weight': [320, 192, 3, 3], 'adapter.body.0.resnets.0.block1.weight': [1] },
    { type: 't2i-adapter', base: 'sd1', variant: null },
  ],
  [
    'motion LoRA',
    {
      'down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.processor.to_q_lora.down.weight':
        [1],
    },
    { type: 'motion-module', base: 'sd1', variant: 'lora' },
  ],
  [
    'PIA',
    { ...motion('down_blocks.3'), 'conv_in.weight': [320, 9, 3, 3] },
    { type: 'motion-module', base: 'sd1', variant: 'pia' },
  ],
  [
    'FancyVideo',
    { ...motion('down_blocks.3'), FancyVideo: [] },
    { type: 'motion-module', base: 'sd1', variant: 'fancyvideo' },
  ],
  [
    'AnimateDiff v2',
    { ...pe('down_blocks.3', 32), ...motion('mid_block') },
    { type: 'motion-module', base: 'sd1', variant: 'v2' },
  ],
  ['AnimateLCM', motion('down_blocks.3'), { type: 'motion-module', base: 'sd1', variant: 'lcm' }],
  ['AnimateDiff v1', pe('down_blocks.3', 24), { type: 'motion-module', base: 'sd1', variant: 'v1' }],
  ['AnimateDiff v3', pe('down_blocks.3', 32), { type: 'motion-module', base: 'sd1', variant: 'v3' }],
  ['AnimateDiff of another length', pe('down_blocks.3', 16), { type: 'motion-module', base: 'sd1', variant: null }],
  ['AnimateDiff XL', pe('down_blocks.2', 32), { type: 'motion-module', base: 'sdxl', variant: null }],
  [
    'HotshotXL',
    {
      'down_blocks.0.temporal_attentions.0.proj_in.weight': [1],
      'down_blocks.0.temporal_attentions.0.pos_encoder.positional_encoding': [1, 24, 320],
    },
    { type: 'motion-module', base: 'sdxl', variant: 'hotshot' },
  ],
];

const conv = (channels: number): Shapes => ({ 'decoder.conv_in.weight': [512, channels, 3, 3] });
const LTX_VAE = 'decoder.up_blocks.0.res_blocks.0.conv1.conv.weight';
const VAES: readonly Case[] = [
  ['TAESD of FLUX.1', { 'taesd_decoder.1.weight': [64, 16, 3, 3] }, { base: 'unknown', variant: 'taesd' }],
  ['TAESD', { 'taesd_decoder.1.weight': [64, 4, 3, 3] }, { base: 'unknown', variant: 'taesd' }],
  [
    'half of a TAESD of FLUX.1',
    { '1.weight': [64, 16, 3, 3], '3.conv.0.weight': [1] },
    { base: 'unknown', variant: 'taesd' },
  ],
  ['half of a TAESD', { '1.weight': [64, 4, 3, 3], '3.conv.0.weight': [1] }, { base: 'unknown', variant: 'taesd' }],
  ['Cascade A', { 'vquantizer.codebook.weight': [8192, 4] }, { base: 'stable-cascade', variant: 'stage-a' }],
  ['Mochi', { 'blocks.2.blocks.3.stack.5.weight': [1] }, { base: 'mochi', variant: null }],
  ['Cosmos', { 'decoder.unpatcher3d._arange': [1] }, { base: 'cosmos', variant: null }],
  ['SVD', { 'decoder.mid.block_1.mix_factor': [1], ...conv(4) }, { base: 'svd', variant: 'temporal-decoder' }],
  [
    'HunyuanVideo',
    { 'decoder.conv_in.conv.weight': [1], 'decoder.mid.attn_1.k.bias': [1] },
    { base: 'hunyuan-video', variant: null },
  ],
  [
    'LTX 0.9.5',
    { [LTX_VAE]: [1024, 1, 3, 3, 3], 'encoder.down_blocks.1.conv.conv.bias': [1] },
    { base: 'ltx-video', variant: '0.9.5' },
  ],
  ['LTX 0.9.1', { [LTX_VAE]: [1024, 1, 3, 3, 3] }, { base: 'ltx-video', variant: '0.9.1' }],
  ['LTX 0.9.0', { [LTX_VAE]: [512, 1, 3, 3, 3] }, { base: 'ltx-video', variant: '0.9.0' }],
  ['LTX of another size', { [LTX_VAE]: [256, 1, 3, 3, 3] }, { base: 'ltx-video', variant: null }],
  [
    'Wan 2.2',
    { 'decoder.middle.0.residual.0.gamma': [1], 'decoder.upsamples.0.upsamples.0.residual.2.weight': [1] },
    { base: 'wan', variant: '2.2' },
  ],
  ['Wan 2.1 or Qwen-Image', { 'decoder.middle.0.residual.0.gamma': [1] }, { base: 'unknown', variant: null }],
  ['FLUX.2', { ...conv(32), 'bn.running_mean': [128] }, { base: 'flux2', variant: null }],
  ['the refiner of HunyuanImage', conv(32), { base: 'hunyuan-image', variant: 'refiner' }],
  ['HunyuanImage', conv(64), { base: 'hunyuan-image', variant: null }],
  ['FLUX.1 or SD 3', conv(16), { base: 'unknown', variant: null }],
  ['SD', { ...conv(4), 'decoder.mid.block_1.norm1.weight': [512] }, { base: 'unknown', variant: null }],
  [
    'SD, diffusers',
    { ...conv(4), 'decoder.up_blocks.0.resnets.0.norm1.weight': [512] },
    { base: 'unknown', variant: null },
  ],
];

const UPSCALERS: readonly Case[] = [
  [
    'ESRGAN, old',
    { 'model.0.weight': [64, 3, 3, 3], 'model.1.sub.0.RDB1.conv1.0.weight': [1] },
    { base: 'unknown', variant: 'esrgan' },
  ],
  [
    'ESRGAN',
    {
      'conv_first.weight': [64, 3, 3, 3],
      'body.0.rdb1.conv1.weight': [1],
      'conv_body.weight': [1],
      'conv_last.weight': [1],
    },
    { base: 'unknown', variant: 'esrgan' },
  ],
  [
    'Real-ESRGAN Compact',
    { 'body.0.weight': [64, 3, 3, 3], 'body.1.weight': [64] },
    { base: 'unknown', variant: 'real-esrgan-compact' },
  ],
  ['HAT', { 'conv_first.weight': [1], relative_position_index_SA: [256, 256] }, { base: 'unknown', variant: 'hat' }],
  [
    'SwinIR',
    { 'conv_first.weight': [1], 'layers.0.residual_group.blocks.0.norm1.weight': [1] },
    { base: 'unknown', variant: 'swinir' },
  ],
  [
    'GFPGAN',
    { 'toRGB.0.weight': [1], 'stylegan_decoder.style_mlp.1.weight': [1] },
    { base: 'unknown', variant: 'gfpgan' },
  ],
];

const TABLES: readonly (readonly [type: string, cases: readonly Case[]])[] = [
  ['diffusion-model', BACKBONES],
  ['controlnet', CONTROLS],
  ['vae', VAES],
  ['upscaler', UPSCALERS],
];

describe.each(TABLES)('%s', (type, cases) => {
  it.each(cases)('%s', (_what, shapes, expected) => {
    const identity = identify(tensorTable(shapes));
    expect(identity).toMatchObject({ type, ...expected });
    expect(identity.evidence.length).toBeGreaterThan(0);
  });
});

describe('VAEs that several bases share', () => {
  it('say which, and stay open', () => {
    const { problems, confidence } = identify(tensorTable({ 'decoder.middle.0.residual.0.gamma': [1] }));
    expect(problems).toEqual([expect.stringMatching(/^VAEs of Wan 2\.1 and Qwen-Image have the same shapes/)]);
    expect(confidence).toBe('medium');
  });
});

describe('every row of the tables has a case', () => {
  const fits = ({ all, none = [] }: KeyRow, shapes: Shapes) =>
    all.every((test) => holds(test, shapes)) && !none.some((name) => name in shapes);
  const strip = (shapes: Shapes): Shapes =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name.replace(/^(?:net|model)\.(?!0\.|1\.sub)/, ''), shape]),
    );

  it.each([
    ['backbones', TRANSFORMER_ROWS, BACKBONES],
    ['VAEs', VAE_ROWS, VAES],
    ['upscalers', UPSCALER_ROWS, UPSCALERS],
  ] as const)('%s', (_what, rows: readonly KeyRow[], cases: readonly Case[]) => {
    const first = cases.map(([, shapes]) => rows.find((row) => fits(row, shapes) || fits(row, strip(shapes))));
    expect(rows.filter((row) => !first.includes(row))).toEqual([]);
  });

  it('control networks', () => {
    const first = CONTROLS.map(([, shapes]) => CONTROL_ROWS.find((row) => fitsControl(row, shapes)));
    expect(CONTROL_ROWS.filter((row) => !first.includes(row))).toEqual([]);
  });

  it('encoders', () => {
    for (const { name, key, size = 7, axis = -1, also = [], vision } of ENCODER_ROWS) {
      const shape = axis === 0 ? [size, 9] : [9, size];
      const shapes: Shapes = { [key]: shape, ...Object.fromEntries(also.map((other) => [other, [9]])) };
      const expected = { type: vision ? 'unknown' : 'text-encoder', components: [name] };
      expect(identify(tensorTable(shapes)), key).toMatchObject(expected);
    }
  });
});

function holds(test: KeyTest, shapes: Shapes): boolean {
  if (typeof test === 'string') return test in shapes;
  if (test instanceof RegExp) return Object.keys(shapes).some((name) => test.test(name));
  return shapes[test[0]]?.at(test[1]) === test[2];
}

function fitsControl({ marks, none = [], sides = [] }: ControlRow, shapes: Shapes): boolean {
  const find = (mark: KeyMark) =>
    Object.keys(shapes).find((name) => (typeof mark === 'string' ? name === mark : mark.test(name)));
  return (
    marks.every((mark) => find(mark) !== undefined) &&
    sides.every(([mark, axis, size]) => shapes[find(mark) ?? '']?.at(axis) === size) &&
    none.every((mark) => find(mark) === undefined)
  );
}

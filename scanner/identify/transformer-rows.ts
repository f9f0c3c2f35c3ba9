import type { KeyRow } from './key-index.ts';

/** What a transformer predicts where it is not the flow of nearly all of them. */
export type TransformerRow = KeyRow & { prediction?: 'epsilon' | 'v' };

const FLUX = 'double_blocks.0.img_attn.norm.key_norm.scale';
const FLUX_DIFFUSERS = ['single_transformer_blocks.0.norm.linear.weight', 'x_embedder.weight'] as const;
const SD3 = 'joint_blocks.0.context_block.attn.qkv.weight';
const SD3_DIFFUSERS = ['transformer_blocks.0.attn.add_q_proj.weight', 'pos_embed.proj.weight'] as const;
const HUNYUAN = 'txt_in.individual_token_refiner.blocks.0.norm1.weight';
const QWEN = ['txt_norm.weight', 'transformer_blocks.0.img_mod.1.weight'] as const;
const LTX = 'adaln_single.emb.timestep_embedder.linear_1.bias';

/**
 * Backbones that are transformers (DiT, MMDiT) for pictures, in the original and the diffusers layout, in the order to
 * test them: some hold the keys of a later row. Those for video and sound stand in `VIDEO_ROWS`.
 */
const IMAGE_ROWS: readonly TransformerRow[] = [
  { base: 'sd3.5', variant: 'large', all: ['joint_blocks.37.context_block.attn.qkv.weight'] },
  { base: 'sd3.5', variant: 'medium', all: ['joint_blocks.0.x_block.attn2.qkv.weight'] },
  { base: 'sd3.5', all: [SD3, 'joint_blocks.0.x_block.attn.ln_q.weight'] },
  { base: 'sd3', all: [SD3] },
  { base: 'sd3.5', variant: 'large', all: [...SD3_DIFFUSERS, 'transformer_blocks.37.attn.add_q_proj.weight'] },
  { base: 'sd3.5', variant: 'medium', all: [...SD3_DIFFUSERS, 'transformer_blocks.0.attn2.to_q.weight'] },
  { base: 'sd3.5', all: [...SD3_DIFFUSERS, 'transformer_blocks.0.attn.norm_q.weight'] },
  { base: 'sd3', all: [...SD3_DIFFUSERS] },
  {
    base: 'stable-cascade',
    variant: 'stage-c-lite',
    all: ['clf.1.weight', ['clip_txt_mapper.weight', 0, 1536]],
    prediction: 'epsilon',
  },
  {
    base: 'stable-cascade',
    variant: 'stage-c',
    all: ['clf.1.weight', 'clip_txt_mapper.weight'],
    prediction: 'epsilon',
  },
  {
    base: 'stable-cascade',
    variant: 'stage-b-lite',
    all: ['clf.1.weight', 'clip_mapper.weight', ['down_blocks.1.0.channelwise.0.weight', -1, 576]],
    prediction: 'epsilon',
  },
  { base: 'stable-cascade', variant: 'stage-b', all: ['clf.1.weight', 'clip_mapper.weight'], prediction: 'epsilon' },
  { base: 'stable-cascade', variant: 'stage-c', all: ['clf.1.weight', 'clip_txt_pooled_mapper.weight'] },
  { base: 'auraflow', all: ['double_layers.0.attn.w1q.weight', 'cond_seq_linear.weight'] },
  { base: 'auraflow', all: ['joint_transformer_blocks.0.attn.add_k_proj.weight'] },
  {
    base: 'hunyuan-dit',
    variant: '1.1',
    all: ['mlp_t5.0.weight', ['extra_embedder.0.weight', 1, 3968]],
    prediction: 'v',
  },
  { base: 'hunyuan-dit', all: ['mlp_t5.0.weight', 'extra_embedder.0.weight'], prediction: 'v' },
  { base: 'hunyuan-image', variant: 'refiner', all: [HUNYUAN, ['time_r_in.mlp.0.bias', 0, 3328]] },
  {
    base: 'hunyuan-image',
    all: [HUNYUAN, 'byt5_in.fc1.weight'],
    none: ['vision_in.proj.0.bias', 'vector_in.in_layer.weight'],
  },
  { base: 'flux2', variant: 'dev', all: [['double_stream_modulation_img.lin.weight', 0, 36864]] },
  { base: 'flux2', variant: 'klein-9b', all: [['double_stream_modulation_img.lin.weight', 0, 24576]] },
  { base: 'flux2', variant: 'klein-4b', all: [['double_stream_modulation_img.lin.weight', 0, 18432]] },
  { base: 'flux2', all: ['double_stream_modulation_img.lin.weight'] },
  { base: 'flux2', all: ['single_transformer_blocks.0.attn.to_qkv_mlp_proj.weight'] },
  { base: 'zeta-chroma', all: ['dec_net.input_embedder.embedder.0.bias'] },
  { base: 'chroma', variant: 'radiance', all: ['distilled_guidance_layer.in_proj.bias', 'nerf_blocks.0.norm.scale'] },
  { base: 'chroma', all: ['distilled_guidance_layer.in_proj.bias'] },
  { base: 'chroma', all: ['distilled_guidance_layer.norms.0.scale'] },
  { base: 'longcat', all: [FLUX, ['txt_in.weight', 1, 3584]] },
  { base: 'ovis-image', all: [FLUX, 'double_blocks.0.img_mlp.gate_proj.weight'] },
  { base: 'flux1', variant: 'fill', all: [FLUX, ['img_in.weight', 1, 384]] },
  { base: 'flux1', variant: 'control', all: [FLUX, ['img_in.weight', 1, 128]] },
  { base: 'flux1', variant: 'flex2', all: [FLUX, ['img_in.weight', 1, 196]] },
  { base: 'flux1', variant: 'dev', all: [FLUX, 'guidance_in.in_layer.weight'] },
  { base: 'flux1', variant: 'schnell', all: [FLUX, ['img_in.weight', 1, 64]] },
  { base: 'flux1', all: [FLUX, 'img_in.weight'] },
  { base: 'flux1', variant: 'fill', all: [FLUX_DIFFUSERS[0], ['x_embedder.weight', 1, 384]] },
  { base: 'flux1', variant: 'control', all: [FLUX_DIFFUSERS[0], ['x_embedder.weight', 1, 128]] },
  {
    base: 'flux1',
    variant: 'dev',
    all: [...FLUX_DIFFUSERS, 'time_text_embed.guidance_embedder.linear_1.weight'],
  },
  { base: 'flux1', variant: 'schnell', all: [...FLUX_DIFFUSERS] },
  { base: 'pixart', all: [LTX, 'pos_embed.proj.bias'], prediction: 'epsilon' },
  { base: 'pixart', variant: 'alpha', all: ['t_block.1.weight', 'ar_embedder.mlp.0.weight'], prediction: 'epsilon' },
  { base: 'pixart', variant: 'sigma', all: ['t_block.1.weight', 'y_embedder.y_embedding'], prediction: 'epsilon' },
  { base: 'anima', all: ['llm_adapter.blocks.0.cross_attn.q_proj.weight'] },
  { base: 'z-image', all: [['cap_embedder.1.weight', 0, 3840], 'layers.0.adaLN_modulation.0.weight'] },
  { base: 'lumina2', all: [['cap_embedder.1.weight', 0, 2304]] },
  { base: 'lumina2', all: ['time_caption_embed.caption_embedder.1.weight', 'layers.0.attn.to_q.weight'] },
  { base: 'hunyuan3d', all: ['latent_in.weight', 'cond_in.weight'] },
  { base: 'hidream', all: ['caption_projection.0.linear.weight', /^double_stream_blocks\.0\.block\./] },
  { base: 'hidream', variant: 'o1', all: ['t_embedder1.mlp.0.weight'] },
  {
    base: 'omnigen2',
    all: ['time_caption_embed.timestep_embedder.linear_1.bias'],
    none: ['double_stream_layers.0.img_instruct_attn.processor.img_to_q.weight'],
  },
  { base: 'mageflow', all: [['txt_norm.weight', 0, 2560], QWEN[1]] },
  { base: 'mageflow', all: [...QWEN, ['img_in.weight', 1, 128]] },
  { base: 'qwen-image', variant: '2', all: [...QWEN, /^transformer_blocks\.0\.img_mlp\.gate_up/] },
  { base: 'qwen-image', variant: 'edit-2511', all: [...QWEN, '__index_timestep_zero__'] },
  { base: 'qwen-image', variant: 'layered', all: [...QWEN, 'time_text_embed.addition_t_embedding.weight'] },
  { base: 'qwen-image', all: [...QWEN] },
  { base: 'sana', all: ['attention_y_norm.weight'], none: ['t_block.1.weight'] },
  {
    base: 'sana',
    all: ['blocks.0.cross_attn.q_linear.weight', 'blocks.0.cross_attn.kv_linear.weight'],
    none: ['t_block.1.weight'],
  },
  { base: 'krea2', all: ['txtfusion.projector.weight'] },
  { base: 'krea2', all: ['text_fusion.projector.weight'] },
  { base: 'krea2', all: ['blocks.0.attn.gate.weight'] },
  { base: 'ideogram4', all: ['embed_image_indicator.weight'] },
  { base: 'ernie-image', all: ['layers.0.adaLN_sa_ln.weight'] },
  { base: 'lens', all: ['transformer_blocks.0.attn.norm_added_q.weight', 'transformer_blocks.0.img_mlp.w1.weight'] },
  { base: 'pid', all: ['lq_proj.latent_proj.0.weight'] },
];

const WAN = 'patch_embedding.weight';
const COSMOS2 = 'blocks.0.mlp.layer1.weight';

/** The same for video, sound and solids. */
const VIDEO_ROWS: readonly TransformerRow[] = [
  { base: 'stable-audio', all: ['transformer.rotary_pos_emb.inv_freq'], prediction: 'v' },
  { base: 'hunyuan-video', variant: '1.5', all: [HUNYUAN, 'vision_in.proj.0.bias'] },
  { base: 'hunyuan-video', variant: 'i2v', all: [HUNYUAN, ['img_in.proj.weight', 1, 33]] },
  { base: 'hunyuan-video', variant: 'skyreels-i2v', all: [HUNYUAN, ['img_in.proj.weight', 1, 32]] },
  { base: 'hunyuan-video', all: [HUNYUAN, 'vector_in.in_layer.weight'] },
  { base: 'mochi', all: ['t5_yproj.weight'] },
  { base: 'mochi', all: ['blocks.0.attn.k_norm_x.weight'] },
  { base: 'mochi', all: ['blocks.0.attn.qkv_x.weight'] },
  { base: 'ltx-2', variant: '2.5', all: ['keyframes_abs_pos_embedding', 'audio_patchify_proj.weight'] },
  { base: 'ltx-2', variant: '2.3', all: ['transformer_blocks.1.prompt_scale_shift_table'] },
  { base: 'ltx-2', variant: '2.3', all: ['text_embedding_projection.audio_aggregate_embed.weight'] },
  { base: 'ltx-2', all: ['transformer_blocks.1.audio_to_video_attn.k_norm.weight'] },
  { base: 'ltx-2', all: [/^av_ca_a2v_gate_adaln_single\./] },
  { base: 'ltx-video', variant: '13b', all: [LTX, ['patchify_proj.weight', 0, 4096]] },
  { base: 'ltx-video', all: [LTX, 'patchify_proj.weight'] },
  { base: 'ltx-video', all: ['scale_shift_table', 'proj_in.weight', 'transformer_blocks.0.attn2.to_k.weight'] },
  {
    base: 'ace-step',
    variant: '1.5',
    all: ['encoder.lyric_encoder.layers.0.post_attention_layernorm.weight'],
  },
  { base: 'ace-step', all: ['genre_embedder.weight'] },
  { base: 'cosmos', all: ['blocks.block0.blocks.0.block.attn.to_q.0.weight'] },
  { base: 'cosmos', variant: 'predict2-14b', all: [COSMOS2, ['x_embedder.proj.1.weight', 0, 5120]] },
  { base: 'cosmos', variant: 'predict2-2b', all: [COSMOS2, ['x_embedder.proj.1.weight', 0, 2048]] },
  { base: 'cosmos', all: [COSMOS2, 'x_embedder.proj.1.weight'] },
  { base: 'wan', variant: 'vace', all: [WAN, 'vace_patch_embedding.weight'] },
  { base: 'wan', variant: 'vace', all: [WAN, 'vace_blocks.0.after_proj.bias'] },
  { base: 'wan', variant: 'camera', all: [WAN, 'control_adapter.conv.weight'] },
  { base: 'wan', variant: 's2v', all: [WAN, /^casual_audio_encoder\./] },
  { base: 'wan', variant: 'humo', all: [WAN, 'audio_proj.audio_proj_glob_1.layer.bias'] },
  { base: 'wan', variant: 'animate', all: [WAN, 'face_adapter.fuser_blocks.0.k_norm.weight'] },
  { base: 'wan', variant: 'animate', all: [WAN, 'motion_encoder.dec.direction.weight'] },
  { base: 'wan', variant: 'flf2v', all: [[WAN, 1, 36], 'img_emb.emb_pos'] },
  { base: 'wan', variant: 'i2v', all: [[WAN, 1, 36], 'img_emb.proj.0.bias'] },
  {
    base: 'wan',
    variant: '2.2-i2v',
    all: [
      [WAN, 1, 36],
      ['head.modulation', -1, 5120],
    ],
  },
  {
    base: 'wan',
    variant: 'fun-control',
    all: [
      [WAN, 1, 48],
      ['head.modulation', -1, 5120],
    ],
  },
  { base: 'wan', variant: '1.3b', all: [WAN, ['head.modulation', -1, 1536]] },
  { base: 'wan', variant: '5b', all: [WAN, ['head.modulation', -1, 3072]] },
  { base: 'wan', variant: '14b', all: [WAN, ['head.modulation', -1, 5120]] },
  { base: 'wan', all: [WAN, 'blocks.0.attn2.to_v.weight'] },
  {
    base: 'kandinsky5',
    variant: 'video-lite',
    all: [['text_embeddings.in_layer.weight', 0, 1792], /^text_transformer_blocks\.0\./],
  },
  {
    base: 'kandinsky5',
    variant: 'image-lite',
    all: [['text_embeddings.in_layer.weight', 0, 2560], /^text_transformer_blocks\.0\./],
  },
  {
    base: 'kandinsky5',
    variant: 'video-pro',
    all: [['text_embeddings.in_layer.weight', 0, 4096], /^text_transformer_blocks\.0\./],
  },
  { base: 'kandinsky5', all: ['text_embeddings.in_layer.weight', /^text_transformer_blocks\.0\./] },
  { base: 'minimax-h3', all: ['video_patch_proj.weight', 'audio_patch_proj.weight'] },
  { base: 'seedvr2', all: ['blocks.31.mlp.all.proj_in_gate.weight'] },
  { base: 'seedvr2', all: ['vid_in.proj.weight', /^blocks\.\d+\.attn\.proj_qkv\.(?:vid|all)\.(?:weight|bias)$/] },
  // Only UNets of DeepFloyd pool the words of a prompt by attention; the second stage enlarges what the first made.
  {
    base: 'deepfloyd-if',
    variant: 'upscaler',
    prediction: 'epsilon',
    all: ['add_embedding.pool.positional_embedding', ['conv_in.weight', 1, 6]],
  },
  { base: 'deepfloyd-if', prediction: 'epsilon', all: ['add_embedding.pool.positional_embedding', 'conv_in.weight'] },
  {
    base: 'deepfloyd-if',
    variant: 'upscaler',
    prediction: 'epsilon',
    all: ['encoder_pooling.1.positional_embedding', ['input_blocks.0.0.weight', 1, 6]],
  },
  {
    base: 'deepfloyd-if',
    prediction: 'epsilon',
    all: ['encoder_pooling.1.positional_embedding', 'input_blocks.0.0.weight'],
  },
  // nunchaku joins layers, and packs them.
  {
    base: 'flux1',
    all: [
      /^transformer_blocks\.\d+\.qkv_proj_context\.qweight$/,
      /^single_transformer_blocks\.\d+\.qkv_proj\.qweight$/,
    ],
  },
  {
    base: 'qwen-image',
    all: [
      /^transformer_blocks\.\d+\.attn\.add_qkv_proj\.qweight$/,
      /^transformer_blocks\.\d+\.img_mlp\./,
      'txt_norm.weight',
    ],
  },
];

export const TRANSFORMER_ROWS: readonly TransformerRow[] = [...IMAGE_ROWS, ...VIDEO_ROWS];

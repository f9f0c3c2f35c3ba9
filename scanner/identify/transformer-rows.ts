import type { KeyRow } from './key-index.ts';

/**
 * Backbones that are transformers (DiT, MMDiT), in the original and the diffusers layout, in the order to test them:
 * some hold the keys of a later row. All predict flow but those with a `prediction` of their own.
 */
export const TRANSFORMER_ROWS: readonly (KeyRow & { prediction?: 'epsilon' | 'v' })[] = [
  {
    base: 'sd3.5',
    variant: 'large',
    all: ['joint_blocks.37.context_block.attn.qkv.weight', 'joint_blocks.0.x_block.attn.ln_q.weight'],
  },
  { base: 'sd3.5', variant: 'medium', all: ['joint_blocks.0.x_block.attn2.qkv.weight'] },
  { base: 'sd3.5', all: ['joint_blocks.0.context_block.attn.qkv.weight', 'joint_blocks.0.x_block.attn.ln_q.weight'] },
  { base: 'sd3', all: ['joint_blocks.0.context_block.attn.qkv.weight'] },
  {
    base: 'sd3.5',
    all: [
      'transformer_blocks.0.attn.add_q_proj.weight',
      'pos_embed.proj.weight',
      'transformer_blocks.0.attn.norm_q.weight',
    ],
  },
  { base: 'sd3', all: ['transformer_blocks.0.attn.add_q_proj.weight', 'pos_embed.proj.weight'] },
  {
    base: 'stable-cascade',
    variant: 'stage-c',
    all: ['clf.1.weight', 'clip_txt_mapper.weight'],
    prediction: 'epsilon',
  },
  { base: 'stable-cascade', variant: 'stage-b', all: ['clf.1.weight', 'clip_mapper.weight'], prediction: 'epsilon' },
  { base: 'auraflow', all: ['double_layers.0.attn.w1q.weight', 'cond_seq_linear.weight'] },
  { base: 'auraflow', all: ['joint_transformer_blocks.0.attn.add_k_proj.weight'] },
  { base: 'hunyuan-dit', all: ['mlp_t5.0.weight', 'extra_embedder.0.weight'], prediction: 'v' },
  {
    base: 'hunyuan-video',
    all: ['txt_in.individual_token_refiner.blocks.0.norm1.weight', 'vector_in.in_layer.weight'],
  },
  { base: 'hunyuan-image', all: ['txt_in.individual_token_refiner.blocks.0.norm1.weight', 'byt5_in.fc1.weight'] },
  { base: 'flux2', variant: 'dev', all: [['double_stream_modulation_img.lin.weight', 0, 36864]] },
  { base: 'flux2', variant: 'klein-9b', all: [['double_stream_modulation_img.lin.weight', 0, 24576]] },
  { base: 'flux2', variant: 'klein-4b', all: [['double_stream_modulation_img.lin.weight', 0, 18432]] },
  { base: 'flux2', all: ['double_stream_modulation_img.lin.weight'] },
  { base: 'flux2', all: ['single_transformer_blocks.0.attn.to_qkv_mlp_proj.weight'] },
  { base: 'chroma', variant: 'radiance', all: ['distilled_guidance_layer.in_proj.bias', 'nerf_blocks.0.norm.scale'] },
  { base: 'chroma', all: ['distilled_guidance_layer.in_proj.bias'] },
  {
    base: 'flux1',
    variant: 'fill',
    all: ['double_blocks.0.img_attn.norm.key_norm.scale', ['img_in.weight', 1, 384]],
  },
  {
    base: 'flux1',
    variant: 'control',
    all: ['double_blocks.0.img_attn.norm.key_norm.scale', ['img_in.weight', 1, 128]],
  },
  {
    base: 'flux1',
    variant: 'dev',
    all: ['double_blocks.0.img_attn.norm.key_norm.scale', 'guidance_in.in_layer.weight'],
  },
  {
    base: 'flux1',
    variant: 'schnell',
    all: ['double_blocks.0.img_attn.norm.key_norm.scale', ['img_in.weight', 1, 64]],
  },
  { base: 'flux1', all: ['double_blocks.0.img_attn.norm.key_norm.scale', 'img_in.weight'] },
  {
    base: 'flux1',
    variant: 'dev',
    all: [
      'single_transformer_blocks.0.norm.linear.weight',
      'x_embedder.weight',
      'time_text_embed.guidance_embedder.linear_1.weight',
    ],
  },
  { base: 'flux1', variant: 'schnell', all: ['single_transformer_blocks.0.norm.linear.weight', 'x_embedder.weight'] },
  { base: 'mochi', all: ['t5_yproj.weight'] },
  { base: 'mochi', all: ['blocks.0.attn.k_norm_x.weight'] },
  { base: 'ltx-2', all: ['transformer_blocks.1.audio_to_video_attn.k_norm.weight'] },
  { base: 'ltx-video', all: ['adaln_single.emb.timestep_embedder.linear_1.bias', 'patchify_proj.weight'] },
  {
    base: 'pixart',
    all: ['adaln_single.emb.timestep_embedder.linear_1.bias', 'pos_embed.proj.bias'],
    prediction: 'epsilon',
  },
  { base: 'pixart', variant: 'alpha', all: ['t_block.1.weight', 'ar_embedder.mlp.0.weight'], prediction: 'epsilon' },
  { base: 'pixart', variant: 'sigma', all: ['t_block.1.weight', 'y_embedder.y_embedding'], prediction: 'epsilon' },
  { base: 'anima', all: ['llm_adapter.blocks.0.cross_attn.q_proj.weight'] },
  { base: 'cosmos', all: ['blocks.block0.blocks.0.block.attn.to_q.0.weight'] },
  { base: 'cosmos', all: ['blocks.0.mlp.layer1.weight', 'x_embedder.proj.1.weight'] },
  { base: 'z-image', all: [['cap_embedder.1.weight', 0, 3840], 'layers.0.adaLN_modulation.0.weight'] },
  { base: 'lumina2', all: [['cap_embedder.1.weight', 0, 2304]] },
  { base: 'lumina2', all: ['time_caption_embed.caption_embedder.1.weight', 'layers.0.attn.to_q.weight'] },
  { base: 'wan', variant: '1.3b', all: ['patch_embedding.weight', ['head.modulation', -1, 1536]] },
  { base: 'wan', variant: '5b', all: ['patch_embedding.weight', ['head.modulation', -1, 3072]] },
  { base: 'wan', variant: '14b', all: ['patch_embedding.weight', ['head.modulation', -1, 5120]] },
  { base: 'wan', all: ['patch_embedding.weight', 'blocks.0.attn2.to_v.weight'] },
  {
    base: 'hidream',
    all: ['caption_projection.0.linear.weight', 'double_stream_blocks.0.block.adaLN_modulation.1.weight'],
  },
  { base: 'qwen-image', all: ['txt_norm.weight', 'transformer_blocks.0.img_mod.1.weight'] },
  { base: 'omnigen2', all: ['time_caption_embed.timestep_embedder.linear_1.bias'] },
  { base: 'sana', all: ['attention_y_norm.weight'], none: ['t_block.1.weight'] },
  { base: 'krea2', all: ['txtfusion.projector.weight'] },
  {
    base: 'kandinsky5',
    all: ['text_embeddings.in_layer.weight', 'text_transformer_blocks.0.text_modulation.out_layer.weight'],
  },
];

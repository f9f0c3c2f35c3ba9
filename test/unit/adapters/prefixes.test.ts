import { expect, it } from 'vitest';
import { placeAdapterModule } from '#scanner/adapters/index.ts';
import { placeOf } from '#scanner/identify/index.ts';

it.each([
  ['lora_unet_blocks_0_attn', 'unet', 'blocks_0_attn'],
  ['lora_unet__blocks_0_attn', 'unet', 'blocks_0_attn'],
  ['lora_prior_unet_down_blocks_0', 'unet', 'down_blocks_0'],
  ['lora_transformer_blocks_0_attn', 'unet', 'blocks_0_attn'],
  ['lycoris_blocks_0_attn', 'unet', 'blocks_0_attn'],
  ['oft_unet_blocks_0_attn', 'unet', 'blocks_0_attn'],
  ['transformer.blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['unet.blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['base_model.model.blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['diffusion_model.blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['model.diffusion_model.blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['blocks.0.attn', 'unet', 'blocks_0_attn'],
  ['lora_te_text_model_encoder_layers_0_mlp_fc1', 'te', 'text_model_encoder_layers_0_mlp_fc1'],
  ['lora_prior_te_text_model_encoder_layers_0_mlp_fc1', 'te', 'text_model_encoder_layers_0_mlp_fc1'],
  ['lora_te1_text_model_encoder_layers_0_mlp_fc1', 'te1', 'text_model_encoder_layers_0_mlp_fc1'],
  ['lora_te2_text_model_encoder_layers_0_mlp_fc1', 'te2', 'text_model_encoder_layers_0_mlp_fc1'],
  ['lora_te3_encoder_block_0_layer_0_SelfAttention_q', 'te3', 'encoder_block_0_layer_0_selfattention_q'],
  ['lora_te4_model_layers_0_self_attn_q_proj', 'te4', 'model_layers_0_self_attn_q_proj'],
  ['text_encoder.text_model.encoder.layers.0.mlp.fc1', 'te', 'text_model_encoder_layers_0_mlp_fc1'],
  ['text_encoder_2.text_model.encoder.layers.0.mlp.fc1', 'te2', 'text_model_encoder_layers_0_mlp_fc1'],
  [
    'text_encoders.clip_l.transformer.text_model.encoder.layers.0.mlp.fc1',
    'te1',
    'text_model_encoder_layers_0_mlp_fc1',
  ],
  [
    'text_encoders.clip_g.transformer.text_model.encoder.layers.0.mlp.fc1',
    'te2',
    'text_model_encoder_layers_0_mlp_fc1',
  ],
  [
    'text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.q',
    'te3',
    'encoder_block_0_layer_0_selfattention_q',
  ],
  ['text_encoders.qwen25_7b.transformer.model.layers.0.mlp.up_proj', 'te4', 'model_layers_0_mlp_up_proj'],
  ['clip_l.text_model.encoder.layers.0.mlp.fc1', 'te1', 'text_model_encoder_layers_0_mlp_fc1'],
  ['t5.encoder.block.0.layer.0.SelfAttention.q', 'te3', 'encoder_block_0_layer_0_selfattention_q'],
  ['base_model.model.text_model.encoder.layers.0.mlp.fc1', 'te', 'text_model_encoder_layers_0_mlp_fc1'],
])('%s is in %s: %s', (name, network, path) => {
  expect(placeAdapterModule(name)).toEqual({ network, path });
});

it.each([
  ['double_blocks.3.processor.qkv_lora1', 'double_blocks_3_img_attn_qkv'],
  ['double_blocks.3.processor.qkv_lora2', 'double_blocks_3_txt_attn_qkv'],
  ['diffusion_model.double_blocks.18.processor.proj_lora1', 'double_blocks_18_img_attn_proj'],
  ['double_blocks.18.processor.proj_lora2', 'double_blocks_18_txt_attn_proj'],
  [
    'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out',
    'down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0',
  ],
  ['lora_unet_input_blocks_1_1_proj_in', 'down_blocks_0_attentions_0_proj_in'],
])('%s changes the layer %s', (name, layer) => {
  expect(placeOf(name)).toEqual({ network: 'unet', layer });
});

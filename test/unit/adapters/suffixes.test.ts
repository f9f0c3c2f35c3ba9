import { expect, it } from 'vitest';
import { splitAdapterName } from '#scanner/adapters/index.ts';

it.each([
  ['lora_unet_a_to_q.lora_down.weight', 'lora_unet_a_to_q', 'lora', 'down'],
  ['lora_unet_a_to_q.alpha', 'lora_unet_a_to_q', null, 'alpha'],
  ['transformer.a.to_q.lora_A.weight', 'transformer.a.to_q', 'lora', 'down'],
  ['transformer.a.to_q.lora_B.default.weight', 'transformer.a.to_q', 'lora', 'up'],
  ['transformer.a.to_q.lora_A.my_style.weight', 'transformer.a.to_q', 'lora', 'down'],
  ['transformer.a.to_q.lora_A.default', 'transformer.a.to_q', 'lora', 'down'],
  ['transformer.a.to_q.lora_B', 'transformer.a.to_q', 'lora', 'up'],
  ['a.to_q.lora_magnitude_vector.default', 'a.to_q', null, 'dora'],
  ['a.to_q.lora_magnitude_vector.default.weight', 'a.to_q', null, 'dora'],
  ['a.to_q.lora_magnitude_vector', 'a.to_q', null, 'dora'],
  ['a.to_q.dora_scale', 'a.to_q', null, 'dora'],
  ['unet.a.to_q.weight::lora::0', 'unet.a.to_q', 'lora', 'up'],
  ['unet.a.to_q::lora::0', 'unet.a.to_q', 'lora', 'up'],
  ['unet.a.to_q::lora::1', 'unet.a.to_q', 'lora', 'down'],
  ['unet.a.to_q::diff::0', 'unet.a.to_q', 'full', 'diff'],
  ['double_blocks.0.processor.proj_lora1.down.weight', 'double_blocks.0.processor.proj_lora1', 'lora', 'down'],
  ['unet.a.processor.to_q_lora.up.weight', 'unet.a.processor.to_q', 'lora', 'up'],
  ['unet.a.to_q.lora.down.weight', 'unet.a.to_q', 'lora', 'down'],
  ['unet.a.to_q.lora_linear_layer.up.weight', 'unet.a.to_q', 'lora', 'up'],
  ['lycoris_a.hada_w1_a', 'lycoris_a', 'loha', 'w1_a'],
  ['lycoris_a.lokr_w2', 'lycoris_a', 'lokr', 'w2'],
  ['lycoris_a.a1.weight', 'lycoris_a', 'glora', 'a1'],
  ['oft_unet_a.oft_diag', 'oft_unet_a', 'oft', 'diag'],
  ['unet.a.oft_R.weight', 'unet.a', 'oft', 'r'],
  ['unet.a.oft_R.default.weight', 'unet.a', 'oft', 'r'],
  ['unet.a.oft_R.scaled_oft', 'unet.a', 'oft', 'r'],
  ['a.to_q.magnitude', 'a.to_q', null, 'dora'],
  ['a.on_input', 'a', 'ia3', 'on_input'],
  ['a.diff_b', 'a', 'full', 'diff_b'],
  ['a.w_norm', 'a', 'norm', 'w_norm'],
  ['a.set_weight', 'a', 'set', 'set'],
  ['a.reshape_weight', 'a', null, 'reshape'],
  ['a.rescale', 'a', null, 'rescale'],
])('%s is of %s: %s %s', (name, module, kind, part) => {
  expect(splitAdapterName(name)).toEqual({ module, kind, part });
});

it.each(['a.weight', 'a.b.bias', 'lora_te.weight', 'alphas_cumprod', 'first_stage_model.decoder.conv_in.weight'])(
  '%s is of no adapter',
  (name) => {
    expect(splitAdapterName(name)).toBeNull();
  },
);

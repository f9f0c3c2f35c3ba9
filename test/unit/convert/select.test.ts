import { describe, expect, it } from 'vitest';
import { ConversionError } from '#scanner/convert/index.ts';
import { type Selection, selectTensors } from '#scanner/convert/select.ts';
import type { Dtype, TensorTable } from '#scanner/tensors/index.ts';

function table(tensors: Record<string, Dtype>, refused: string[] = []): TensorTable {
  return {
    tensors: Object.entries(tensors).map(([name, dtype], index) => ({
      name,
      dtype,
      shape: [2],
      storage: { start: index * 100, elements: 2, offset: 0, stride: [1] },
    })),
    nonTensors: [],
    refused: refused.map((name) => ({ name, reason: 'It is quantized.' })),
    metadata: new Map(),
    pickle: null,
  };
}

const checkpoint = table({
  'model.diffusion_model.out.0.weight': 'F32',
  'model.diffusion_model.out.0.count': 'I64',
  'first_stage_model.encoder.conv_in.weight': 'F16',
  'first_stage_model.loss.logvar': 'F32',
  'cond_stage_model.transformer.text_model.a': 'F32',
  'model_ema.diffusion_modelout0weight': 'F64',
  'model_ema.decay': 'F32',
  alphas_cumprod: 'F32',
  v_pred: 'F32',
});
const select = (selection: Selection, from = checkpoint) => {
  const { tensors, leftOut } = selectTensors(from, selection);
  return {
    tensors: tensors.map(({ name, dtype, source }) => [name, dtype, source.name]),
    leftOut: Object.fromEntries(leftOut.map(({ name, reason }) => [name, reason])),
  };
};

describe('selectTensors', () => {
  it('keeps everything as it is where nothing is said', () => {
    const { tensors, leftOut } = select({});
    expect(tensors).toEqual(checkpoint.tensors.map(({ name, dtype }) => [name, dtype, name]));
    expect(leftOut).toEqual({});
  });

  it('changes floating-point types alone', () => {
    const mixed = table({ a: 'F64', b: 'BF16', c: 'I32', d: 'BOOL', e: 'F8_E8M0', f: 'C64', g: 'F8_E5M2' });
    expect(select({ dtype: 'F16' }, mixed).tensors.map(([, dtype]) => dtype)).toEqual([
      'F16',
      'F16',
      'I32',
      'BOOL',
      'F8_E8M0',
      'C64',
      'F16',
    ]);
  });

  it('leaves EMA weights out, and says so', () => {
    expect(select({ ema: 'drop' }).leftOut).toEqual({
      'model_ema.diffusion_modelout0weight': 'ema',
      'model_ema.decay': 'ema',
    });
  });

  it('puts EMA weights in the place of the plain ones, and says which', () => {
    const { tensors, leftOut } = select({ ema: 'use' });
    expect(tensors[0]).toEqual(['model.diffusion_model.out.0.weight', 'F64', 'model_ema.diffusion_modelout0weight']);
    expect(leftOut).toEqual({ 'model.diffusion_model.out.0.weight': 'ema-used', 'model_ema.decay': 'ema' });
  });

  it('refuses to use averages that are not there, or of another shape', () => {
    expect(() => select({ ema: 'use' }, table({ 'model.a': 'F32' }))).toThrow(/no EMA weights/);
    const odd = table({ 'model.a': 'F32', 'model_ema.a': 'F32' });
    for (const tensor of odd.tensors) if (tensor.name === 'model_ema.a') tensor.shape = [3];
    expect(() => select({ ema: 'use' }, odd)).toThrow(/different shape/);
  });

  it('strips what training alone needs, and keeps markers without numbers', () => {
    const { tensors, leftOut } = select({ stripTraining: true });
    expect(tensors.map(([name]) => name)).toContain('v_pred');
    expect(leftOut).toEqual({
      'first_stage_model.loss.logvar': 'training',
      'model_ema.diffusion_modelout0weight': 'training',
      'model_ema.decay': 'training',
      alphas_cumprod: 'training',
    });
  });

  it.each([
    ['unet', ['out.0.weight', 'out.0.count']],
    ['vae', ['encoder.conv_in.weight', 'loss.logvar']],
    ['te', ['text_model.a']],
  ] as const)('writes the %s alone under its own names', (only, names) => {
    const { tensors, leftOut } = select({ only });
    expect(tensors.map(([name]) => name)).toEqual(names);
    expect(tensors.length + Object.keys(leftOut).length).toBe(checkpoint.tensors.length);
    expect(new Set(Object.values(leftOut))).toEqual(new Set(['other-part']));
  });

  it('keeps the names of several text encoders apart', () => {
    const both = table({
      'conditioner.embedders.0.transformer.a': 'F16',
      'conditioner.embedders.1.model.a': 'F16',
    });
    expect(select({ only: 'te' }, both).tensors.map(([name]) => name)).toEqual(both.tensors.map(({ name }) => name));
  });

  it('says when the part is not there', () => {
    expect(() => select({ only: 'vae' }, table({ 'lora_unet.a': 'F16' }))).toThrow(/no VAE/);
  });

  it('refuses by name what cannot be written, unless it is left out', () => {
    const odd = table({ a: 'F32' }, ['model_ema.q']);
    expect(() => select({}, odd)).toThrow(ConversionError);
    expect(() => select({}, odd)).toThrow(/"model_ema.q" cannot be converted: It is quantized/);
    expect(select({ ema: 'drop' }, odd).tensors).toHaveLength(1);
  });
});

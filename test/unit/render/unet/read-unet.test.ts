import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LayoutKind, slimLayout, type TensorSpec, writeSafetensorsFile } from '#lib/demo/index.ts';
import { readUnet } from '#lib/render/unet/index.ts';
import { readPrediction } from '#lib/render/unet/prediction.ts';
import { openWeightFile } from '#lib/render/weights/index.ts';
import { identifyFile } from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { writeSmallUnet } from '#test/fixtures/render/unet-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighhouse-read-unet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (path: string) => readUnet(openWeightFile(path));

/** A small network with its tensors changed. */
function readChanged(network: 'sd1' | 'sd2' | 'sdxl', change: (tensors: TensorSpec[]) => TensorSpec[]) {
  const path = join(folder, 'changed.safetensors');
  writeSmallUnet(path, { network, change });
  return read(path);
}

/** A file of one layout's names with hardly a number in it. */
function readSlim(kind: LayoutKind) {
  const path = join(folder, `${kind}.safetensors`);
  writeSafetensorsFile(path, {
    tensors: slimLayout(kind).map(({ name, shape }) => ({ name, shape, dtype: 'F16', data: 'zeros' })),
  });
  return read(path);
}

const zeros = (name: string, shape: readonly number[]): TensorSpec => ({ name, shape, dtype: 'F32', data: 'zeros' });
/** The same tensors, one of them of another shape. */
const reshape = (end: string, change: (shape: readonly number[]) => readonly number[]) => (tensors: TensorSpec[]) =>
  tensors.map((tensor) => (tensor.name.endsWith(end) ? zeros(tensor.name, change(tensor.shape)) : tensor));

describe('what is read', () => {
  test('the shapes of an SDXL', () => {
    const unet = readChanged('sdxl', (tensors) => tensors);
    expect(unet).toMatchObject({ channels: 64, contextWidth: 160, vectorWidth: 1632, prediction: null });
    const depths = [...unet.down, ...unet.up].map(({ steps }) =>
      steps.map((step) => step.attention?.blocks.length ?? 0),
    );
    expect(depths).toEqual([
      [0, 0],
      [2, 2],
      [4, 4],
      [4, 4, 4],
      [2, 2, 2],
      [0, 0, 0],
    ]);
    expect(unet.middle?.attentions.map(({ blocks, heads }) => [blocks.length, heads])).toEqual([[4, 4]]);
  });

  test('8 heads behind a convolution, heads of 64 numbers behind a matrix', () => {
    const heads = (network: 'sd1' | 'sd2') =>
      readChanged(network, (tensors) => tensors).down.map(({ steps }) => steps[0]?.attention?.heads);
    expect(heads('sd1')).toEqual([8, 8, 8, undefined]);
    expect(heads('sd2')).toEqual([1, 2, 2, undefined]);
  });

  test('a network alone, without a prefix', () => {
    const unet = readChanged('sd1', (tensors) =>
      tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace('model.diffusion_model.', '') })),
    );
    expect(unet.input.weight.name).toBe('input_blocks.0.0.weight');
  });

  test('a distilled network without its middle', () => {
    const unet = readChanged('sd1', (tensors) => tensors.filter(({ name }) => !name.includes('middle_block')));
    expect(unet.middle).toBeNull();
  });

  test('marks of v-prediction and of training without a signal', () => {
    const marks = readChanged('sdxl', (tensors) => [...tensors, zeros('v_pred', [0]), zeros('ztsnr', [0])]);
    expect(marks).toMatchObject({ prediction: 'v', zeroTerminalSnr: true });
    const plain = readChanged('sdxl', (tensors) => tensors);
    expect(plain).toMatchObject({ prediction: null, zeroTerminalSnr: false });
  });

  test.each([
    { spread: 0.3, prediction: 'v' },
    { spread: 0.05, prediction: 'epsilon' },
  ] as const)('$prediction of an SD 2.x from the spread of one norm', ({ spread, prediction }) => {
    const probe = 'output_blocks.11.1.transformer_blocks.0.norm1.bias';
    const path = join(folder, 'sd2-prediction.safetensors');
    const tensors = slimLayout('sd2').map(({ name, shape }): TensorSpec => {
      const data = name.endsWith(probe)
        ? Array.from({ length: 320 }, (_, at) => (at % 2 === 0 ? spread : -spread))
        : 'zeros';
      return { name, shape, dtype: 'F16', data };
    });
    writeSafetensorsFile(path, { tensors });
    using source = openFileSource(path);
    expect(readPrediction(identifyFile(source), openWeightFile(path)).prediction).toBe(prediction);
  });
});

describe('what is refused', () => {
  const refused = (sentence: string) =>
    expect.objectContaining({ code: 'unsupported_architecture', message: expect.stringContaining(sentence) });

  test.each([
    { kind: 'sd1-inpaint', sentence: 'inpainting model' },
    { kind: 'sdxl-inpaint', sentence: 'inpainting model' },
    { kind: 'sd1-pix2pix', sentence: 'by instructions' },
    { kind: 'sdxl-refiner', sentence: 'SDXL refiner' },
    { kind: 'vae', sentence: 'no diffusion model. Its type is "vae"' },
    { kind: 'lora-sd1', sentence: 'no diffusion model. Its type is "lora"' },
  ] as const)('$kind', ({ kind, sentence }) => {
    expect(() => readSlim(kind)).toThrow(refused(sentence));
  });

  test.each([
    { beside: ['weight.absmax', 'weight.quant_state.bitsandbytes__nf4'], sentence: 'quantized as NF4 (bitsandbytes)' },
    { beside: ['SCB'], sentence: 'quantized as int8 (bitsandbytes)' },
    { beside: ['wscales', 'smooth_factor'], sentence: 'quantized as SVDQuant (Nunchaku)' },
    { beside: ['scale_weight'], sentence: 'Convert the model to fp16 first' },
  ])('weights with $beside next to them', ({ beside, sentence }) => {
    const packed = (tensors: TensorSpec[]): TensorSpec[] =>
      tensors.flatMap((tensor) =>
        tensor.name.endsWith('attn1.to_q.weight')
          ? [tensor, ...beside.map((name) => zeros(tensor.name.replace(/weight$/, name), [1]))]
          : [tensor],
      );
    expect(() => readChanged('sdxl', packed)).toThrow(refused(sentence));
  });

  test('transformers, with where to turn', () => {
    const path = join(folder, 'flux.safetensors');
    const tensors = [
      zeros('double_blocks.0.img_attn.norm.key_norm.scale', [128]),
      zeros('double_blocks.0.img_attn.proj.weight', [4, 4]),
      zeros('img_in.weight', [4, 64]),
      zeros('guidance_in.in_layer.weight', [4, 4]),
    ];
    writeSafetensorsFile(path, { tensors });
    expect(() => read(path)).toThrow(
      refused('architecture "flux1" is not supported. The built-in renderer supports SD 1.x, 2.x and SDXL. ComfyUI'),
    );
  });

  test.each([
    { channels: 5, sentence: 'a depth map' },
    { channels: 6, sentence: 'has 6 input channels instead of 4' },
    { channels: 7, sentence: 'upscaler model' },
  ])('a first layer of $channels channels', ({ channels, sentence }) => {
    const wider = reshape('input_blocks.0.0.weight', ([output = 0, , ...kernel]) => [output, channels, ...kernel]);
    expect(() => readChanged('sd2', wider)).toThrow(refused(sentence));
  });

  test('narrow networks with the vector of a refiner, or with no text in it', () => {
    const vector = (width: number) => reshape('label_emb.0.0.weight', ([output = 0]) => [output, width]);
    expect(() => readChanged('sdxl', vector(160 + 1280))).toThrow(refused('SDXL refiner'));
    expect(() => readChanged('sdxl', vector(1024))).toThrow(refused('vector of 1024 numbers'));
  });

  test('networks of EDM, and fp8 weights with scales', () => {
    expect(() => readChanged('sdxl', (tensors) => [...tensors, zeros('edm_mean', [4])])).toThrow(refused('type edm'));
    const scaled = (tensors: TensorSpec[]) => [...tensors, zeros('model.diffusion_model.out.2.scale_weight', [])];
    expect(() => readChanged('sd1', scaled)).toThrow(refused('Scaled'));
  });
});

describe('what does not fit', () => {
  const mismatch = (sentence: string) =>
    expect.objectContaining({ code: 'load_mismatch', message: expect.stringContaining(sentence) });

  test('missing tensors are counted and the first named', () => {
    const without = (tensors: TensorSpec[]) =>
      tensors.filter(({ name }) => !name.includes('output_blocks.3.1.proj_out'));
    expect(() => readChanged('sd1', without)).toThrow(
      mismatch(
        'is missing 2 tensors: "up_blocks.1.attentions.0.proj_out.weight", "up_blocks.1.attentions.0.proj_out.bias"',
      ),
    );
  });

  test('an attention that is missing whole is missed', () => {
    const without = (tensors: TensorSpec[]) => tensors.filter(({ name }) => !name.includes('output_blocks.4.1.'));
    expect(() => readChanged('sd1', without)).toThrow(mismatch('is missing 26 tensors'));
  });

  test('a published network is compared with its list, by the names of the file', () => {
    const path = join(folder, 'short.safetensors');
    const tensors = slimLayout('sd1').filter(({ name }) => !name.includes('output_blocks.5.1.transformer_blocks.0.'));
    writeSafetensorsFile(path, { tensors: tensors.map(({ name, shape }) => zeros(name, shape)) });
    expect(() => read(path)).toThrow(
      mismatch('is missing 20 tensors: "output_blocks.5.1.transformer_blocks.0.attn1.to_q.weight"'),
    );
  });

  test('shapes that do not fit each other are named', () => {
    const narrow = reshape('input_blocks.5.0.in_layers.2.weight', ([output = 0, input = 0, ...kernel]) => [
      output,
      input - 1,
      ...kernel,
    ]);
    expect(() => readChanged('sd1', narrow)).toThrow(mismatch('down_blocks.1.resnets.1.conv1.weight'));
  });

  test('a number in a name makes no loop of millions', () => {
    const far = (tensors: TensorSpec[]) => [
      ...tensors,
      zeros('model.diffusion_model.input_blocks.999999999.0.in_layers.0.weight', [1]),
    ];
    expect(() => readChanged('sd1', far)).toThrow(mismatch('is missing'));
  });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { slimLayout } from '#lib/demo/index.ts';
import { prepareLoras } from '#lib/render/lora/index.ts';
import { RenderError } from '#lib/render/types.ts';
import { openWeightFile, type WeightFile } from '#lib/render/weights/index.ts';
import { caseOf, LoraFolder, runCase } from '#test/fixtures/render/lora-cases.ts';
import { randomNumbers, writeRandomModel } from '#test/fixtures/render/random-weights.ts';
import { relativeError } from '#test/support/onnx-session.ts';

const folder = new LoraFolder();
afterAll(() => folder[Symbol.dispose]());

const plain = caseOf('LoRA');
const checkpoint = folder.checkpointOf(plain);
const MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
const lora = () => folder.write(plain.name, plain.lora);
/** A LoRA for the same layer, of the parts of another case. */
const loraLike = (name: string) => folder.write(name, caseOf(name).lora);

async function draw(files: readonly WeightFile[], weights: number[]): Promise<Float32Array> {
  await using loras = await folder.prepare(checkpoint, files);
  return await runCase(plain, checkpoint, { patches: loras.patches, parameters: loras.inputs(weights) });
}

/** `a + b − base`, number by number. */
const addUp = (a: Float32Array, b: Float32Array, base: Float32Array) =>
  a.map((value, index) => value + (b[index] ?? Number.NaN) - (base[index] ?? Number.NaN));

describe('several LoRAs on one layer', () => {
  test.each([
    ['LoRA', 'LoHa'],
    ['DoRA by outputs', 'DoRA by inputs'],
    ['DoRA of a LoKr by inputs', 'OFT'],
    ['IA3 on outputs', 'GLoRA'],
    ['LoRA', 'LoRA'],
  ])('%s and %s add up, each made of the checkpoint’s own weight, in any order', async (one, other) => {
    const [first, second] = [loraLike(one), loraLike(other)];
    const base = await draw([], []);
    const both = await draw([first, second], [0.8, -0.3]);
    const wanted = addUp(await draw([first], [0.8]), await draw([second], [-0.3]), base);
    expect(relativeError(both, wanted)).toBeLessThan(1e-6);
    expect(relativeError(await draw([second, first], [-0.3, 0.8]), both)).toBeLessThan(1e-6);
    expect(relativeError(both, base)).toBeGreaterThan(1e-2);
  });

  test('one at 0 leaves what the other draws', async () => {
    const files = [lora(), loraLike('LoHa')];
    expect(relativeError(await draw(files, [0.8, 0]), await draw([files[0] as WeightFile], [0.8]))).toBeLessThan(1e-6);
  });

  test('numbers that take the weight’s place do so at any weight but 0', async () => {
    const files = [loraLike('numbers that take the place of others'), lora()];
    const set = await draw(files, [0.2, 0]);
    expect(relativeError(await draw(files, [-3, 0]), set)).toBe(0);
    expect(relativeError(await draw(files, [0, 0]), await draw([], []))).toBe(0);
    expect(relativeError(set, await draw([], []))).toBeGreaterThan(0.1);
  });
});

describe('the parameters', () => {
  test('are those that a graph needs, one pair for each LoRA and kind of network', async () => {
    await using loras = await folder.prepare(checkpoint, [lora(), lora()]);
    expect(loras.inputs([0.5, { unet: 0, text: -2 }])).toEqual({
      lora_0_unet: 0.5,
      lora_0_unet_on: 1,
      lora_0_text: 0.5,
      lora_0_text_on: 1,
      lora_1_unet: 0,
      lora_1_unet_on: 0,
      lora_1_text: -2,
      lora_1_text_on: 1,
    });
  });

  test.each([[[]], [[1, 1]], [[Number.NaN]], [[{ unet: 1, text: Number.POSITIVE_INFINITY }]]])(
    'refuse the weights %j',
    async (weights) => {
      await using loras = await folder.prepare(checkpoint, [lora()]);
      expect(() => loras.inputs(weights)).toThrow(expect.objectContaining({ code: 'bad_request' }));
    },
  );

  test('without LoRAs there are none, and nothing is written', async () => {
    const before = readdirSync(folder.path);
    await using loras = await folder.prepare(checkpoint, []);
    expect(loras.inputs([])).toEqual({});
    expect(loras.patches.size).toBe(0);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});

test('what does not fit is left out and told', async () => {
  const tensors = {
    ...plain.lora,
    'lora_unet_nowhere.lora_down.weight': [3, 12],
    'lora_unet_nowhere.lora_up.weight': [16, 3],
    'lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight': [3, 12],
    'lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight': [48, 3],
    'some.thing.else': [2],
  };
  await using loras = await folder.prepare(checkpoint, [folder.write(plain.name, tensors)]);
  expect(loras.report).toEqual([
    {
      name: 'lora 0',
      modules: 3,
      placed: 1,
      share: 1 / 3,
      unplaced: ['lora_te_text_model_encoder_layers_0_mlp_fc1', 'lora_unet_nowhere'],
      ignored: ['some.thing.else'],
      warnings: [],
    },
  ]);
  const output = await runCase(plain, checkpoint, { patches: loras.patches, parameters: loras.inputs([1]) });
  expect(relativeError(output, await draw([lora()], [1]))).toBe(0);
});

describe('the scratch', () => {
  const scratches = () => readdirSync(folder.path).filter((name) => name.startsWith('loras-'));

  test('is there until the LoRAs are disposed of', async () => {
    const loras = await folder.prepare(checkpoint, [loraLike('BOFT')]);
    expect(scratches()).toHaveLength(1);
    expect(readdirSync(join(folder.path, scratches()[0] ?? ''))).toEqual(['changes.safetensors']);
    await loras[Symbol.asyncDispose]();
    expect(scratches()).toEqual([]);
  });

  test('is as large as allowed at most', async () => {
    const options = { scratchLimit: 16 * 12 * 4 - 1 };
    const error = await refusal(folder.prepare(checkpoint, [loraLike('BOFT')], options));
    expect(error).toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/temporary disk space.*the limit is/),
    });
    expect(scratches()).toEqual([]);
    await using loras = await folder.prepare(checkpoint, [loraLike('BOFT')], { scratchLimit: 16 * 12 * 4 });
    expect(loras.report[0]?.placed).toBe(1);
  });

  test('goes away with an abort, whose reason is thrown', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => abort.abort(reason);
    await expect(
      folder.prepare(checkpoint, [loraLike('DoRA by inputs')], { onProgress, signal: abort.signal }),
    ).rejects.toBe(reason);
    expect(scratches()).toEqual([]);
  });

  test('progress rises to 1', async () => {
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    await using _ = await folder.prepare(checkpoint, [loraLike('DoRA by inputs'), loraLike('BOFT')], { onProgress });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });
});

/** What a promise is rejected with, as a sentence for people. */
async function refusal(promise: Promise<unknown>): Promise<RenderError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RenderError)) throw new Error(`It was not refused: ${error}`);
  expect(error.message).toMatch(/^[A-Z“].*\.$/s);
  return error;
}

describe('broken and hostile LoRAs are refused with a sentence', () => {
  const down = { shape: [3, 12], values: randomNumbers('down', [3, 12]) };
  const up = { shape: [16, 3], values: randomNumbers('up', [16, 3]) };
  const pair = { [`${MODULE}.lora_down.weight`]: down, [`${MODULE}.lora_up.weight`]: up };
  const zeros = (...shape: number[]) => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

  test.each([
    ['half a module', { [`${MODULE}.lora_down.weight`]: down }, /has no up/],
    ['ranks that differ', { ...pair, [`${MODULE}.lora_up.weight`]: zeros(16, 4) }, /does not match its layer/],
    ['a rank beyond measure', rankOf(5000), /rank 5000; the maximum is 4096/],
    [
      'a core of another size',
      { ...pair, [`${MODULE}.lora_mid.weight`]: zeros(3, 4, 3, 3) },
      /does not match its layer/,
    ],
    [
      'NaN',
      { ...pair, [`${MODULE}.lora_up.weight`]: { shape: [16, 3], values: up.values.with(7, Number.NaN) } },
      /NaN/,
    ],
    ['infinity', { ...pair, [`${MODULE}.alpha`]: { shape: [], values: [Number.NEGATIVE_INFINITY] } }, /infinite/],
    ['magnitudes of another length', { ...pair, [`${MODULE}.dora_scale`]: zeros(7, 1) }, /do not match their layer/],
    ['a bias of another length', { ...pair, [`${MODULE}.diff_b`]: zeros(3) }, /does not match its layer/],
    [
      'a LoKr that is no factor',
      { [`${MODULE}.lokr_w1`]: zeros(3, 5), [`${MODULE}.lokr_w2`]: zeros(4, 4) },
      /not match/,
    ],
    ['an OFT of another size', { [`${MODULE}.oft_blocks`]: zeros(4, 3, 3) }, /does not match its layer/],
    ['an OFT that is not square', { [`${MODULE}.oft_blocks`]: zeros(4, 4, 2) }, /does not match its layer/],
    ['a weight of another size in its place', { [`${MODULE}.set_weight`]: zeros(16, 11) }, /does not match its layer/],
    ['nothing', {}, /has no modules/],
  ])('%s', async (_, tensors, message) => {
    const error = await refusal(folder.prepare(checkpoint, [folder.writeNumbers(tensors)]));
    expect(error).toMatchObject({ code: 'load_mismatch', message: expect.stringMatching(message) });
  });

  function rankOf(rank: number) {
    return { [`${MODULE}.lora_down.weight`]: zeros(rank, 12), [`${MODULE}.lora_up.weight`]: zeros(16, rank) };
  }

  test('one of another base, both bases named', async () => {
    const paths = { sd1: join(folder.path, 'sd1.safetensors'), lora: join(folder.path, 'xl-lora.safetensors') };
    writeRandomModel(paths.sd1, slimLayout('sd1'), { dtype: 'F16' });
    writeRandomModel(paths.lora, slimLayout('lora-sdxl'), { dtype: 'F16' });
    const named = [{ file: openWeightFile(paths.lora), name: 'style' }];
    const options = { scratch: folder.path, checkpointName: 'photo' };
    const error = await refusal(prepareLoras(openWeightFile(paths.sd1), named, options));
    expect(error.code).toBe('load_mismatch');
    expect(error.message).toMatch(/“style” is for sdxl.*“photo” is sd1/);
  });

  test('one of which no layer is there', async () => {
    const tensors = Object.entries(pair).map(([name, value]) => [name.replace('attn1', 'attn7'), value] as const);
    const error = await refusal(folder.prepare(checkpoint, [folder.writeNumbers(Object.fromEntries(tensors))]));
    expect(error).toMatchObject({
      code: 'load_mismatch',
      message: expect.stringMatching(/^No module of .* \(1 modules/),
    });
  });
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slimLayout, specsOf, writeLora, writeSafeCheckpoint, writeSafetensorsFile } from '#lib/demo/index.ts';
import { type MergeOptions, type MergeRequest, mergeModels } from '#scanner/merge/index.ts';
import { readMergeGraph } from '#scanner/metadata/index.ts';
import {
  type NumberFile,
  numbers,
  readMetadata,
  readNumbers,
  scalar,
  writeNumbers,
} from '../../fixtures/merge-files.ts';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
  target = join(folder, 'out.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const WEIGHT = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight';
const MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
const model = (name: string, file?: NumberFile, metadata?: Record<string, string>) => {
  const path = join(folder, `${name}.safetensors`);
  if (file !== undefined) writeNumbers(path, file, metadata);
  return { path, name, sha256: Buffer.from(name.padEnd(32)).toString('hex') };
};
const merge = (request: MergeRequest, options: Partial<MergeOptions> = {}) =>
  mergeModels(request, target, { name: 'out', ...options });
const valuesOf = (name: string) => readNumbers(target)[name]?.values ?? [];

function expectNear(actual: readonly number[], wanted: readonly number[]) {
  expect(actual).toHaveLength(wanted.length);
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))));
  expect(worst).toBeLessThan(1e-6);
}

describe('a weighted sum', () => {
  it('is A + weight · (B − A) for every number', async () => {
    const [one, other] = [numbers([7, 5], 1), numbers([7, 5], 2)];
    const [a, b] = [model('a', { [WEIGHT]: one }), model('b', { [WEIGHT]: other })];
    const report = await merge({ kind: 'weighted-sum', a, b, weight: 0.3 });
    expect(report).toMatchObject({ tensors: 1, merged: 1, unmerged: [] });
    expectNear(
      valuesOf(WEIGHT),
      one.values.map((value, index) => 0.7 * value + 0.3 * (other.values[index] ?? Number.NaN)),
    );
  });

  it('of a model with itself is that model, whatever the weight and the type', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.constantFrom('F32' as const, 'F16' as const, 'F64' as const),
        async (values, weight, dtype) => {
          const finite = dtype === 'F16' ? values.map((value) => value % 60_000) : values;
          const a = model('a', { [WEIGHT]: { shape: [values.length], values: finite, dtype } });
          await merge({ kind: 'weighted-sum', a, b: { ...a }, weight });
          expect(readNumbers(target)[WEIGHT]?.bytes).toEqual(readNumbers(a.path)[WEIGHT]?.bytes);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keeps what one model alone has, adds what the other has, and says so; whole numbers and schedules are A’s', async () => {
    const shared = { [WEIGHT]: numbers([2], 1), alphas_cumprod: numbers([3], 2) };
    const ids = { shape: [2], values: [0, 1], dtype: 'I64' as const };
    const a = model('a', { ...shared, 'model.only_a': numbers([2], 3), ids, 'model_ema.x': numbers([2], 4) });
    const b = model('b', { ...shared, alphas_cumprod: numbers([3], 9), 'model.only_b': numbers([2], 5), ids });
    const report = await merge({ kind: 'weighted-sum', a, b, weight: 0.5 });
    expect(Object.keys(readNumbers(target)).sort()).toEqual(
      [WEIGHT, 'alphas_cumprod', 'ids', 'model.only_a', 'model.only_b'].sort(),
    );
    expect(report.unmerged).toEqual(
      expect.arrayContaining([
        { name: 'model.only_a', reason: 'only-in-first' },
        { name: 'model.only_b', reason: 'only-in-second' },
        { name: 'ids', reason: 'no-number' },
        { name: 'alphas_cumprod', reason: 'schedule' },
      ]),
    );
    expect(report.leftOut).toEqual(['model_ema.x']);
    expect(valuesOf('alphas_cumprod')).toEqual(shared.alphas_cumprod.values);
  });

  it('rounds once, to the nearest number of the type asked for, and counts what is too large', async () => {
    const a = model('a', { [WEIGHT]: { shape: [3], values: [1, 2049, 60_000] } });
    const b = model('b', { [WEIGHT]: { shape: [3], values: [1, 2049, 80_000] } });
    const report = await merge({ kind: 'weighted-sum', a, b, weight: 0.5 }, { dtype: 'F16' });
    expect(readNumbers(target)[WEIGHT]).toMatchObject({ dtype: 'F16', values: [1, 2048, 65_504] });
    expect(report.saturated).toBe(1);
  });

  it('changes only the first input channels of an inpainting model', async () => {
    const name = 'model.diffusion_model.input_blocks.0.0.weight';
    const wide = numbers([2, 9, 1, 1], 1);
    const narrow = numbers([2, 4, 1, 1], 2);
    const [a, b] = [model('a', { [name]: wide }), model('b', { [name]: narrow })];
    await merge({ kind: 'weighted-sum', a, b, weight: 1 });
    const wanted = wide.values.map((value, index) =>
      index % 9 < 4 ? (narrow.values[Math.floor(index / 9) * 4 + (index % 9)] ?? Number.NaN) : value,
    );
    expectNear(valuesOf(name), wanted);
    await expect(merge({ kind: 'weighted-sum', a: b, b: a, weight: 0.5 })).rejects.toThrow(/inpainting.*as model A/);
  });
});

describe('an added difference', () => {
  const file = (seed: number) => ({ [WEIGHT]: numbers([6, 3], seed) });

  it('is A + weight · (B − C)', async () => {
    const [one, two, three] = [numbers([6, 3], 1), numbers([6, 3], 2), numbers([6, 3], 3)];
    const [a, b, c] = [model('a', file(1)), model('b', file(2)), model('c', file(3))];
    await merge({ kind: 'add-difference', a, b, c, weight: 0.8 });
    expectNear(
      valuesOf(WEIGHT),
      one.values.map((value, i) => value + 0.8 * ((two.values[i] ?? Number.NaN) - (three.values[i] ?? Number.NaN))),
    );
  });

  it('of nothing is A, byte for byte', async () => {
    const a = model('a', { [WEIGHT]: { shape: [3], values: [-0, 0.1, -3] } });
    const b = model('b', { [WEIGHT]: numbers([3], 2) });
    await merge({ kind: 'add-difference', a, b, c: { ...b }, weight: 0.8 });
    expect(readNumbers(target)[WEIGHT]?.bytes).toEqual(readNumbers(a.path)[WEIGHT]?.bytes);
  });

  it('counts what C lacks as zero', async () => {
    const [a, b] = [model('a', file(1)), model('b', file(2))];
    const c = model('c', { other: numbers([1], 1) });
    await merge({ kind: 'add-difference', a, b, c, weight: 0.5 });
    const [one, two] = [numbers([6, 3], 1), numbers([6, 3], 2)];
    expectNear(
      valuesOf(WEIGHT),
      one.values.map((value, i) => value + 0.5 * (two.values[i] ?? Number.NaN)),
    );
  });
});

describe('block weights', () => {
  const blocks = Array.from({ length: 25 }, (_, index) => index / 25);

  it('weigh each block of an SD 1.x network, and everything else by the base', async () => {
    const paths = ['a', 'b'].map((name) => join(folder, `${name}.safetensors`)) as [string, string];
    writeSafeCheckpoint(paths[0], 'sd1', { seed: 1 });
    writeSafeCheckpoint(paths[1], 'sd1', { seed: 2 });
    await merge({ kind: 'weighted-sum', a: model('a'), b: model('b'), weight: 0.5, blocks }, { dtype: 'F32' });
    const [one, other, result] = [readNumbers(paths[0]), readNumbers(paths[1]), readNumbers(target)];
    const network = 'model.diffusion_model.';
    for (const [name, weight] of [
      [`${network}input_blocks.4.1.proj_in.weight`, 4 / 25],
      [`${network}time_embed.0.weight`, 0],
      [`${network}middle_block.1.proj_in.weight`, 12 / 25],
      [`${network}output_blocks.11.1.proj_out.weight`, 24 / 25],
      [`${network}out.2.weight`, 24 / 25],
      ['cond_stage_model.transformer.text_model.encoder.layers.11.mlp.fc1.weight', 0.5],
      ['first_stage_model.encoder.conv_out.weight', 0.5],
    ] as const) {
      const [from, to] = [one[name]?.values ?? [], other[name]?.values ?? []];
      expect(from).not.toEqual(to);
      expectNear(
        result[name]?.values ?? [],
        from.map((value, index) => value + weight * ((to[index] ?? Number.NaN) - value)),
      );
    }
  });

  it('are refused where their number does not fit the base model', async () => {
    for (const name of ['a', 'b']) writeSafeCheckpoint(join(folder, `${name}.safetensors`), 'sd1');
    const request = { kind: 'weighted-sum', a: model('a'), b: model('b'), weight: 0.5, blocks: [1, 2] } as const;
    await expect(merge(request)).rejects.toThrow('takes 25 block weights, or 26');
  });
});

describe('LoRAs', () => {
  const lora = (seed: number, rank: number, alpha: number): NumberFile => ({
    [`${MODULE}.lora_down.weight`]: numbers([rank, 5], seed),
    [`${MODULE}.lora_up.weight`]: numbers([7, rank], seed + 1),
    [`${MODULE}.alpha`]: scalar(alpha),
  });
  const checkpoint = { [WEIGHT]: numbers([7, 5], 1) };

  it('at weight 0 change no byte', async () => {
    const a = model('a', checkpoint);
    const loras = [{ ...model('l', lora(5, 2, 1)), weight: 0 }];
    await merge({ kind: 'bake-loras', a, loras });
    expect(readNumbers(target)[WEIGHT]?.bytes).toEqual(readNumbers(a.path)[WEIGHT]?.bytes);
  });

  it('combined and then baked are the same as baked one after the other', async () => {
    const a = model('a', checkpoint);
    const loras = [
      { ...model('one', lora(5, 2, 1)), weight: 0.7 },
      { ...model('two', lora(9, 3, 6)), weight: -0.4 },
    ];
    await merge({ kind: 'combine-loras', loras });
    const combined = { ...model('both'), weight: 1 };
    expect(readNumbers(target)[`${MODULE}.alpha`]?.values).toEqual([5]);
    await mergeModels({ kind: 'combine-loras', loras }, combined.path, { name: 'both' });
    await merge({ kind: 'bake-loras', a, loras: [combined] });
    const atOnce = valuesOf(WEIGHT);
    await merge({ kind: 'bake-loras', a, loras });
    expectNear(atOnce, [...valuesOf(WEIGHT)]);
  });

  it('name their modules as kohya, diffusers or PEFT do, and change the same layer', async () => {
    const a = model('a', checkpoint);
    const [down, up] = [numbers([2, 5], 5), numbers([7, 2], 6)];
    const path = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1';
    const forms: Record<string, NumberFile> = {
      kohya: { [`${MODULE}.lora_down.weight`]: down, [`${MODULE}.lora_up.weight`]: up },
      ldm: {
        'lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_down.weight': down,
        'lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_up.weight': up,
      },
      peft: { [`unet.${path}.to_q.lora_A.weight`]: down, [`unet.${path}.to_q.lora_B.weight`]: up },
      peftModel: {
        [`base_model.model.${path}.to_q.lora_A.default.weight`]: down,
        [`base_model.model.${path}.to_q.lora_B.default.weight`]: up,
      },
      diffusers: {
        [`unet.${path}.processor.to_q_lora.down.weight`]: down,
        [`unet.${path}.processor.to_q_lora.up.weight`]: up,
      },
    };
    const results: number[][] = [];
    for (const [name, form] of Object.entries(forms)) {
      await merge({ kind: 'bake-loras', a, loras: [{ ...model(name, form), weight: 1 }] });
      results.push([...valuesOf(WEIGHT)]);
    }
    expect(results).toHaveLength(5);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).not.toEqual(checkpoint[WEIGHT]?.values);
  });

  it('change the third of a joint tensor that is theirs', async () => {
    const name = 'conditioner.embedders.1.model.transformer.resblocks.3.attn.in_proj_weight';
    const weight = numbers([12, 4], 1);
    const module = 'lora_te2_text_model_encoder_layers_3_self_attn_k_proj';
    const [down, up] = [numbers([2, 4], 2), numbers([4, 2], 3)];
    const a = model('a', { [name]: weight, [WEIGHT]: numbers([2, 2], 1) });
    const file = { [`${module}.lora_down.weight`]: down, [`${module}.lora_up.weight`]: up };
    await merge({ kind: 'bake-loras', a, loras: [{ ...model('l', file), weight: 0.5, textWeight: 2 }] });
    const wanted = weight.values.map((value, index) => {
      const [row, column] = [Math.floor(index / 4) - 4, index % 4];
      if (row < 0 || row >= 4) return value;
      const term = (r: number) => (up.values[row * 2 + r] ?? Number.NaN) * (down.values[r * 4 + column] ?? Number.NaN);
      return value + 2 * (term(0) + term(1));
    });
    expectNear(valuesOf(name), wanted);
  });

  it('without a layer to change are listed, and refused where none has one', async () => {
    const a = model('a', checkpoint);
    const stray = {
      ...lora(5, 2, 1),
      ...Object.fromEntries(
        Object.entries(lora(5, 2, 1)).map(([name, value]) => [name.replace('to_q', 'to_z'), value]),
      ),
    };
    const report = await merge({ kind: 'bake-loras', a, loras: [{ ...model('l', stray), weight: 1 }] });
    expect(report.unplaced).toEqual([{ model: 'l', module: MODULE.replace('to_q', 'to_z') }]);
    const other = {
      ...model('m', {
        'lora_unet_x.lora_down.weight': numbers([2, 5], 1),
        'lora_unet_x.lora_up.weight': numbers([7, 2], 1),
      }),
      weight: 1,
    };
    await expect(merge({ kind: 'bake-loras', a, loras: [other] })).rejects.toThrow('No module of “m” (1 modules');
  });

  it('of other kinds are not combined, and the message names the module', async () => {
    const file = { [`${MODULE}.lokr_w1`]: numbers([1, 1], 1), [`${MODULE}.lokr_w2`]: numbers([7, 5], 1) };
    const loras = [
      { ...model('k', file), weight: 1 },
      { ...model('l', lora(1, 2, 2)), weight: 1 },
    ];
    await expect(merge({ kind: 'combine-loras', loras })).rejects.toThrow(`The module "${MODULE}" of “k” is lokr`);
  });
});

describe('what does not go together', () => {
  it('is refused with a sentence that names both base versions', async () => {
    writeSafeCheckpoint(join(folder, 'old.safetensors'), 'sd1');
    writeSafeCheckpoint(join(folder, 'large.safetensors'), 'sdxl');
    writeLora(join(folder, 'small.safetensors'), 'lora-sd1', 'small');
    const [old, large] = [model('old'), model('large')];
    await expect(merge({ kind: 'weighted-sum', a: old, b: large, weight: 0.5 })).rejects.toThrow(
      '“old” is sd1 and “large” is sdxl',
    );
    const loras = [{ ...model('small'), weight: 1 }];
    await expect(merge({ kind: 'bake-loras', a: large, loras })).rejects.toThrow(
      '“small” is for sd1 and “large” is sdxl',
    );
    await expect(merge({ kind: 'weighted-sum', a: old, b: model('small'), weight: 0.5 })).rejects.toThrow(
      'has the type lora. Use a checkpoint',
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('out'))).toEqual([]);
  });

  it('a result that is no number is refused by the name of its tensor, and nothing is left', async () => {
    const a = model('a', { [WEIGHT]: { shape: [2], values: [1, Number.NaN] } });
    const b = model('b', { [WEIGHT]: { shape: [2], values: [1, 2] } });
    await expect(merge({ kind: 'weighted-sum', a, b, weight: 0.5 })).rejects.toThrow(
      `NaN values in the tensor "${WEIGHT}"`,
    );
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  it('stops on request and leaves nothing', async () => {
    const [a, b] = [model('a', { [WEIGHT]: numbers([9], 1) }), model('b', { [WEIGHT]: numbers([9], 2) })];
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(merge({ kind: 'weighted-sum', a, b, weight: 0.5 }, { signal: stop })).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('out'))).toEqual([]);
  });
});

describe('a VAE', () => {
  it('takes the place of the one inside, and the rest stays', async () => {
    writeSafeCheckpoint(join(folder, 'a.safetensors'), 'sd1', { seed: 1 });
    const tensors = specsOf(slimLayout('vae'), 'F32');
    writeSafetensorsFile(join(folder, 'v.safetensors'), { tensors, seed: 5 });
    await merge({ kind: 'replace-vae', a: model('a'), vae: model('v') });
    const [before, vae, after] = [readNumbers(model('a').path), readNumbers(model('v').path), readNumbers(target)];
    const name = 'decoder.conv_in.weight';
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(after[`first_stage_model.${name}`]?.values.length).toBe(vae[name]?.values.length);
    expectNear(
      after[`first_stage_model.${name}`]?.values ?? [],
      (vae[name]?.values ?? []).map((value) => Number(new Float16Array([value])[0])),
    );
    const kept = 'model.diffusion_model.out.2.weight';
    expect(after[kept]?.bytes).toEqual(before[kept]?.bytes);
  });
});

describe('the recipe', () => {
  it('of a checkpoint with LoRAs and a VAE baked in lists them as parents', async () => {
    const a = model('a', {
      [WEIGHT]: numbers([7, 5], 1),
      'first_stage_model.decoder.conv_in.weight': numbers([2, 2], 2),
    });
    const lora = model('l', {
      [`${MODULE}.lora_down.weight`]: numbers([2, 5], 1),
      [`${MODULE}.lora_up.weight`]: numbers([7, 2], 2),
    });
    const vae = model('v', { 'decoder.conv_in.weight': numbers([2, 2], 3) });
    await merge({ kind: 'bake-loras', a, loras: [{ ...lora, weight: 0.8 }], vae });
    const graph = readMergeGraph(readMetadata(target));
    expect(graph?.edges).toEqual([
      { from: a.sha256, to: 'this', role: 'primary', share: null },
      { from: lora.sha256, to: 'this', role: 'lora', share: 0.8 },
      { from: vae.sha256, to: 'this', role: 'vae', share: null },
    ]);
    expect(graph?.nodes.map(({ name }) => name)).toEqual([null, 'a', 'l', 'v']);
  });

  it('names the models in the form that other tools read, with theirs folded in, and gives the same bytes again', async () => {
    const grandparent = { name: 'root', legacy_hash: '00000000', sd_merge_recipe: null };
    const own = {
      type: 'webui',
      primary_model_hash: 'f'.repeat(64),
      secondary_model_hash: 'e'.repeat(64),
      interp_method: 'Weighted sum',
      multiplier: 0.5,
    };
    const a = model(
      'a',
      { [WEIGHT]: numbers([4], 1) },
      {
        sd_merge_recipe: JSON.stringify(own),
        sd_merge_models: JSON.stringify({ ['f'.repeat(64)]: grandparent }),
      },
    );
    const b = model('b', { [WEIGHT]: numbers([4], 2) });
    await merge({ kind: 'weighted-sum', a, b, weight: 0.25 });
    const first = readFileSync(target);
    const metadata = readMetadata(target);
    expect(JSON.parse(metadata.get('sd_merge_recipe') ?? '')).toMatchObject({
      primary_model_hash: a.sha256,
      secondary_model_hash: b.sha256,
      tertiary_model_hash: null,
      interp_method: 'Weighted sum',
      multiplier: 0.25,
      custom_name: 'out',
    });
    expect(metadata.get('modelspec.merged_from')).toBe('a, b');
    expect(metadata.get('format')).toBe('pt');
    const graph = readMergeGraph(metadata);
    expect(graph?.edges).toEqual(
      expect.arrayContaining([
        { from: a.sha256, to: 'this', role: 'primary', share: 0.75 },
        { from: b.sha256, to: 'this', role: 'secondary', share: 0.25 },
        { from: 'f'.repeat(64), to: a.sha256, role: 'primary', share: 0.5 },
      ]),
    );
    expect(graph?.nodes.find(({ id }) => id === 'f'.repeat(64))?.name).toBe('root');
    await merge({ kind: 'weighted-sum', a, b, weight: 0.25 });
    expect(readFileSync(target)).toEqual(first);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NumberFile, numbers, readNumbers, scalar } from '../../fixtures/merge-files.ts';
import { bakeLora } from '../../support/bake-lora.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LINEAR = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q';
const LINEAR_MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
const CONVOLUTION = 'model.diffusion_model.input_blocks.1.0.in_layers.2';
const CONVOLUTION_MODULE = 'lora_unet_down_blocks_0_resnets_0_conv1';
const [OUT, IN, KERNEL, RANK] = [8, 12, 9, 3];

/** A tensor as a function of its indices, so that an oracle reads like the formula. */
type Matrix = (...index: number[]) => number;

const linear = numbers([OUT, IN], 1);
const convolution = numbers([OUT, IN, 3, 3], 2);
const checkpoint: NumberFile = {
  [`${LINEAR}.weight`]: linear,
  [`${LINEAR}.bias`]: numbers([OUT], 3),
  [`${CONVOLUTION}.weight`]: convolution,
};

/** The weights `W[out, in, kernel]` that baking at `strength` gives. */
async function bake(module: string, parts: NumberFile, strength: number): Promise<number[]> {
  const adapter = Object.fromEntries(Object.entries(parts).map(([part, value]) => [`${module}.${part}`, value]));
  const { report, written } = await bakeLora({ folder, checkpoint, adapter, weight: strength });
  expect(report.unplaced).toEqual([]);
  expect(report.ignored).toEqual([]);
  return [...(written[module === LINEAR_MODULE ? `${LINEAR}.weight` : `${CONVOLUTION}.weight`]?.values ?? [])];
}

function at(file: NumberFile, part: string): Matrix {
  const tensor = file[part];
  if (tensor === undefined) throw new Error(`no ${part}`);
  return (...index) => {
    const flat = index.reduce((sum, one, axis) => sum * (tensor.shape[axis] ?? 1) + one, 0);
    return tensor.values[flat] ?? Number.NaN;
  };
}

function sum(count: number, term: (index: number) => number): number {
  let total = 0;
  for (let index = 0; index < count; index += 1) total += term(index);
  return total;
}

/** `change(W, o, i, k)` is the new number at output o, input i and place k of the kernel. */
function expected(
  isLinear: boolean,
  change: (old: (o: number, i: number, k: number) => number, o: number, i: number, k: number) => number,
): number[] {
  const kernel = isLinear ? 1 : KERNEL;
  const { values } = isLinear ? linear : convolution;
  const old = (o: number, i: number, k: number) => values[(o * IN + i) * kernel + k] ?? Number.NaN;
  return values.map((_, index) =>
    change(old, Math.floor(index / (IN * kernel)), Math.floor(index / kernel) % IN, index % kernel),
  );
}

function expectNear(actual: readonly number[], wanted: readonly number[]) {
  expect(actual).toHaveLength(wanted.length);
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))));
  expect(worst).toBeLessThan(1e-6);
}

const loraParts: NumberFile = {
  'lora_down.weight': numbers([RANK, IN], 10),
  'lora_up.weight': numbers([OUT, RANK], 11),
  alpha: scalar(2),
};
const loraDelta = (o: number, i: number) =>
  (2 / RANK) * sum(RANK, (r) => at(loraParts, 'lora_up.weight')(o, r) * at(loraParts, 'lora_down.weight')(r, i));

describe('modules baked into a weight, beside plain loops in double precision', () => {
  it.each([1, 0.7, -1.5])('a LoRA at %s', async (strength) => {
    const wanted = expected(true, (old, o, i) => old(o, i, 0) + strength * loraDelta(o, i));
    expectNear(await bake(LINEAR_MODULE, loraParts, strength), wanted);
  });

  it('a LoRA without alpha, in the names of PEFT, is not scaled', async () => {
    const parts = { 'lora_A.weight': loraParts['lora_down.weight'], 'lora_B.weight': loraParts['lora_up.weight'] };
    const wanted = expected(true, (old, o, i) => old(o, i, 0) + (RANK / 2) * loraDelta(o, i));
    expectNear(await bake(LINEAR_MODULE, parts as NumberFile, 1), wanted);
  });

  it('a LoRA of a convolution', async () => {
    const parts: NumberFile = {
      'lora_down.weight': numbers([RANK, IN, 3, 3], 12),
      'lora_up.weight': numbers([OUT, RANK, 1, 1], 13),
      alpha: scalar(1),
    };
    const [up, down] = [at(parts, 'lora_up.weight'), at(parts, 'lora_down.weight')];
    const wanted = expected(false, (old, o, i, k) => {
      const delta = sum(RANK, (r) => up(o, r, 0, 0) * down(r, i, Math.floor(k / 3), k % 3)) / RANK;
      return old(o, i, k) + 0.8 * delta;
    });
    expectNear(await bake(CONVOLUTION_MODULE, parts, 0.8), wanted);
  });

  it('a LoCon with a core, whose first side belongs to up', async () => {
    const parts: NumberFile = {
      'lora_down.weight': numbers([RANK, IN, 1, 1], 14),
      'lora_mid.weight': numbers([RANK, RANK, 3, 3], 15),
      'lora_up.weight': numbers([OUT, RANK, 1, 1], 16),
      alpha: scalar(1.5),
    };
    const [up, mid, down] = [at(parts, 'lora_up.weight'), at(parts, 'lora_mid.weight'), at(parts, 'lora_down.weight')];
    const wanted = expected(false, (old, o, i, k) => {
      const delta = sum(RANK, (n) =>
        sum(RANK, (m) => mid(n, m, Math.floor(k / 3), k % 3) * up(o, n, 0, 0) * down(m, i, 0, 0)),
      );
      return old(o, i, k) + 0.6 * (1.5 / RANK) * delta;
    });
    expectNear(await bake(CONVOLUTION_MODULE, parts, 0.6), wanted);
  });

  it('a LoHa', async () => {
    const parts: NumberFile = {
      hada_w1_a: numbers([OUT, RANK], 17),
      hada_w1_b: numbers([RANK, IN], 18),
      hada_w2_a: numbers([OUT, RANK], 19),
      hada_w2_b: numbers([RANK, IN], 20),
      alpha: scalar(2),
    };
    const product = (n: number, o: number, i: number) =>
      sum(RANK, (r) => at(parts, `hada_w${n}_a`)(o, r) * at(parts, `hada_w${n}_b`)(r, i));
    const wanted = expected(true, (old, o, i) => old(o, i, 0) + 0.9 * (2 / RANK) * product(1, o, i) * product(2, o, i));
    expectNear(await bake(LINEAR_MODULE, parts, 0.9), wanted);
  });

  it('a LoHa with cores', async () => {
    const parts: NumberFile = {
      hada_t1: numbers([RANK, RANK, 3, 3], 21),
      hada_w1_a: numbers([RANK, OUT], 22),
      hada_w1_b: numbers([RANK, IN], 23),
      hada_t2: numbers([RANK, RANK, 3, 3], 24),
      hada_w2_a: numbers([RANK, OUT], 25),
      hada_w2_b: numbers([RANK, IN], 26),
      alpha: scalar(1),
    };
    const factor = (n: number, p: number, r: number, k: number) =>
      sum(RANK, (i) =>
        sum(
          RANK,
          (j) =>
            at(parts, `hada_t${n}`)(i, j, Math.floor(k / 3), k % 3) *
            at(parts, `hada_w${n}_b`)(j, r) *
            at(parts, `hada_w${n}_a`)(i, p),
        ),
      );
    const wanted = expected(
      false,
      (old, o, i, k) => old(o, i, k) + (1 / RANK) * factor(1, o, i, k) * factor(2, o, i, k),
    );
    expectNear(await bake(CONVOLUTION_MODULE, parts, 1), wanted);
  });

  it('a LoKr of two whole factors, which has no scale whatever its alpha says', async () => {
    const parts: NumberFile = { lokr_w1: numbers([2, 3], 27), lokr_w2: numbers([4, 4], 28), alpha: scalar(9) };
    const [w1, w2] = [at(parts, 'lokr_w1'), at(parts, 'lokr_w2')];
    const wanted = expected(
      true,
      (old, o, i) => old(o, i, 0) + 0.5 * w1(Math.floor(o / 4), Math.floor(i / 4)) * w2(o % 4, i % 4),
    );
    expectNear(await bake(LINEAR_MODULE, parts, 0.5), wanted);
  });

  it('a LoKr whose second factor is a product', async () => {
    const parts: NumberFile = {
      lokr_w1: numbers([2, 3], 29),
      lokr_w2_a: numbers([4, RANK], 30),
      lokr_w2_b: numbers([RANK, 4 * KERNEL], 31),
      alpha: scalar(2),
    };
    const [w1, a, b] = [at(parts, 'lokr_w1'), at(parts, 'lokr_w2_a'), at(parts, 'lokr_w2_b')];
    const wanted = expected(false, (old, o, i, k) => {
      const w2 = sum(RANK, (r) => a(o % 4, r) * b(r, (i % 4) * KERNEL + k));
      return old(o, i, k) + (2 / RANK) * w1(Math.floor(o / 4), Math.floor(i / 4)) * w2;
    });
    expectNear(await bake(CONVOLUTION_MODULE, parts, 1), wanted);
  });

  it('a LoKr with a core, and a first factor that is a product', async () => {
    const parts: NumberFile = {
      lokr_w1_a: numbers([2, 2], 32),
      lokr_w1_b: numbers([2, 3], 33),
      lokr_t2: numbers([RANK, RANK, 3, 3], 34),
      lokr_w2_a: numbers([RANK, 4], 35),
      lokr_w2_b: numbers([RANK, 4], 36),
      alpha: scalar(1),
    };
    const w1 = (o: number, i: number) => sum(2, (r) => at(parts, 'lokr_w1_a')(o, r) * at(parts, 'lokr_w1_b')(r, i));
    const w2 = (p: number, r: number, k: number) =>
      sum(RANK, (i) =>
        sum(
          RANK,
          (j) =>
            at(parts, 'lokr_t2')(i, j, Math.floor(k / 3), k % 3) *
            at(parts, 'lokr_w2_b')(j, r) *
            at(parts, 'lokr_w2_a')(i, p),
        ),
      );
    const wanted = expected(
      false,
      (old, o, i, k) => old(o, i, k) + (1 / RANK) * w1(Math.floor(o / 4), Math.floor(i / 4)) * w2(o % 4, i % 4, k),
    );
    expectNear(await bake(CONVOLUTION_MODULE, parts, 1), wanted);
  });

  it.each([true, false])('an IA3 (on the input: %s)', async (onInput) => {
    const parts: NumberFile = {
      weight: numbers(onInput ? [IN] : [OUT, 1], 37),
      on_input: { shape: [], values: [onInput ? 1 : 0], dtype: 'BOOL' },
    };
    const factor = (o: number, i: number) => parts.weight?.values[onInput ? i : o] ?? Number.NaN;
    const wanted = expected(true, (old, o, i) => old(o, i, 0) * (1 + 0.4 * factor(o, i)));
    expectNear(await bake(LINEAR_MODULE, parts, 0.4), wanted);
  });

  it.each(['newer', 'older'])('a GLoRA of the %s layout', async (layout) => {
    const names = layout === 'newer' ? ['a1', 'a2', 'b1', 'b2'] : ['a2', 'a1', 'b2', 'b1'];
    const tensors = [
      numbers([IN, RANK], 38),
      numbers([RANK, IN], 39),
      numbers([OUT, RANK], 40),
      numbers([RANK, IN], 41),
    ];
    const parts: NumberFile = {
      ...Object.fromEntries(names.map((name, index) => [`${name}.weight`, tensors[index] ?? scalar(0)])),
      alpha: scalar(2),
    };
    const [a1, a2, b1, b2] = names.map((name) => at(parts, `${name}.weight`)) as [Matrix, Matrix, Matrix, Matrix];
    const wanted = expected(true, (old, o, i) => {
      const added = sum(RANK, (r) => b1(o, r) * b2(r, i));
      const bent = sum(RANK, (r) => sum(IN, (j) => old(o, j, 0) * a1(j, r)) * a2(r, i));
      return old(o, i, 0) + 0.5 * (2 / RANK) * (added + bent);
    });
    expectNear(await bake(LINEAR_MODULE, parts, 0.5), wanted);
  });

  it('a stored difference', async () => {
    const parts: NumberFile = { diff: numbers([OUT, IN, 3, 3], 42) };
    const diff = at(parts, 'diff');
    const wanted = expected(false, (old, o, i, k) => old(o, i, k) + 0.3 * diff(o, i, Math.floor(k / 3), k % 3));
    expectNear(await bake(CONVOLUTION_MODULE, parts, 0.3), wanted);
  });

  it('numbers that replace the old at any strength', async () => {
    const parts: NumberFile = { set_weight: numbers([OUT, IN], 43) };
    expectNear(await bake(LINEAR_MODULE, parts, 0.3), parts.set_weight?.values ?? []);
  });

  it.each([
    ['per output', [OUT, 1]],
    ['per input', [1, IN]],
  ])('a DoRA with magnitudes %s', async (axis, shape) => {
    const parts: NumberFile = { ...loraParts, dora_scale: numbers(shape, 44) };
    const scale = parts.dora_scale?.values ?? [];
    const changed = (old: Matrix, o: number, i: number) => old(o, i, 0) + loraDelta(o, i);
    const wanted = expected(true, (old, o, i) => {
      const length =
        axis === 'per output'
          ? Math.sqrt(sum(IN, (j) => changed(old, o, j) ** 2))
          : Math.sqrt(sum(OUT, (p) => changed(old, p, i) ** 2));
      const goal = changed(old, o, i) * ((scale[axis === 'per output' ? o : i] ?? Number.NaN) / length);
      return old(o, i, 0) + 0.7 * (goal - old(o, i, 0));
    });
    expectNear(await bake(LINEAR_MODULE, parts, 0.7), wanted);
  });

  /** `R = (I + Q)(I − Q)⁻¹` of 2×2 blocks in closed form: Q is a multiple of the quarter turn. */
  const turn = (block: Matrix, limit: number, all: number) => {
    const q = block(0, 1) - block(1, 0);
    const bounded = limit > 0 && all > limit ? (q * limit) / all : q;
    const [cos, sin] = [(1 - bounded ** 2) / (1 + bounded ** 2), (2 * bounded) / (1 + bounded ** 2)];
    return [
      [cos, sin],
      [-sin, cos],
    ];
  };

  it.each([0, 0.5])('an OFT with the constraint %s', async (limit) => {
    const parts: NumberFile = {
      oft_blocks: numbers([4, 2, 2], 45),
      alpha: scalar(limit),
      rescale: numbers([OUT, 1], 46),
    };
    const blocks = at(parts, 'oft_blocks');
    const all = Math.sqrt(sum(4, (block) => 2 * (blocks(block, 0, 1) - blocks(block, 1, 0)) ** 2));
    const rescale = at(parts, 'rescale');
    const wanted = expected(true, (old, o, i) => {
      const block = Math.floor(o / 2);
      const rotation = turn((x = 0, y = 0) => blocks(block, x, y), limit, all);
      const turned = sum(2, (n) => (rotation[n]?.[o % 2] ?? 0) * old(2 * block + n, i, 0));
      return old(o, i, 0) + 0.6 * (rescale(o, 0) * turned - old(o, i, 0));
    });
    expectNear(await bake(LINEAR_MODULE, parts, 0.6), wanted);
  });

  it('a BOFT of three stages', async () => {
    const parts: NumberFile = { oft_blocks: numbers([3, 4, 2, 2], 47), alpha: scalar(0) };
    const blocks = at(parts, 'oft_blocks');
    const turned = linear.values.slice();
    for (let stage = 0; stage < 3; stage += 1) {
      const half = 2 ** stage;
      const before = turned.slice();
      // Rows half a stride apart form the pairs of a stage, counted in the order of the first of them.
      const firsts = Array.from({ length: OUT }, (_, row) => row).filter((row) => Math.floor(row / half) % 2 === 0);
      firsts.forEach((first, block) => {
        const rotation = turn((x = 0, y = 0) => blocks(stage, block, x, y), 0, 0);
        for (let i = 0; i < IN; i += 1) {
          const pair = [before[first * IN + i] ?? 0, before[(first + half) * IN + i] ?? 0] as const;
          turned[first * IN + i] = (rotation[0]?.[0] ?? 0) * pair[0] + (rotation[0]?.[1] ?? 0) * pair[1];
          turned[(first + half) * IN + i] = (rotation[1]?.[0] ?? 0) * pair[0] + (rotation[1]?.[1] ?? 0) * pair[1];
        }
      });
    }
    const wanted = linear.values.map((old, index) => old + 0.5 * ((turned[index] ?? 0) - old));
    expectNear(await bake(LINEAR_MODULE, parts, 0.5), wanted);
  });

  it('a difference of the bias beside a LoRA', async () => {
    const parts: NumberFile = { ...loraParts, diff_b: numbers([OUT], 48) };
    await bake(LINEAR_MODULE, parts, 0.5);
    const bias = readNumbers(join(folder, 'out.safetensors'))[`${LINEAR}.bias`]?.values ?? [];
    const wanted = (checkpoint[`${LINEAR}.bias`]?.values ?? []).map(
      (old, o) => old + 0.5 * (parts.diff_b?.values[o] ?? Number.NaN),
    );
    expectNear(bias, wanted);
  });
});

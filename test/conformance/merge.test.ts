import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeModels } from '#scanner/merge/index.ts';
import { type NumberFile, type Numbers, numbers, readNumbers, scalar, writeNumbers } from '../fixtures/merge-files.ts';
import { NO_TORCH, torchPython } from './support/torch.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse merge '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
if (torchPython === null) console.warn(NO_TORCH);

const LINEAR = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight';
const CONVOLUTION = 'model.diffusion_model.input_blocks.1.0.in_layers.2.weight';
const MODULES = {
  [LINEAR]: 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q',
  [CONVOLUTION]: 'lora_unet_down_blocks_0_resnets_0_conv1',
} as const;
const [OUT, IN, RANK] = [32, 48, 4];
const WEIGHTS: Record<keyof typeof MODULES, Numbers> = {
  [LINEAR]: numbers([OUT, IN], 1),
  [CONVOLUTION]: numbers([OUT, IN, 3, 3], 2),
};

/** Small numbers, as trained modules have them: singles of torch then differ from doubles in the seventh digit. */
const small = (shape: readonly number[], seed: number): Numbers => {
  const { values } = numbers(shape, seed);
  return { shape, values: values.map((value) => Math.fround(value / 4)) };
};
const plain: NumberFile = {
  'lora_up.weight': small([OUT, RANK], 3),
  'lora_down.weight': small([RANK, IN], 4),
  alpha: scalar(2),
};
const cored: NumberFile = {
  'lora_up.weight': small([OUT, RANK, 1, 1], 5),
  'lora_mid.weight': small([RANK, RANK, 3, 3], 6),
  'lora_down.weight': small([RANK, IN, 1, 1], 7),
  alpha: scalar(1),
};

const CASES: readonly [title: string, kind: string, weight: keyof typeof MODULES, parts: NumberFile][] = [
  ['LoRA', 'lora', LINEAR, plain],
  [
    'LoRA of a convolution',
    'lora',
    CONVOLUTION,
    { 'lora_up.weight': small([OUT, RANK, 1, 1], 8), 'lora_down.weight': small([RANK, IN, 3, 3], 9), alpha: scalar(3) },
  ],
  ['LoCon with a core', 'lora', CONVOLUTION, cored],
  [
    'LoHa',
    'loha',
    LINEAR,
    {
      hada_w1_a: small([OUT, RANK], 10),
      hada_w1_b: small([RANK, IN], 11),
      hada_w2_a: small([OUT, RANK], 12),
      hada_w2_b: small([RANK, IN], 13),
      alpha: scalar(2),
    },
  ],
  [
    'LoHa with cores',
    'loha',
    CONVOLUTION,
    {
      hada_t1: small([RANK, RANK, 3, 3], 14),
      hada_w1_a: small([RANK, OUT], 15),
      hada_w1_b: small([RANK, IN], 16),
      hada_t2: small([RANK, RANK, 3, 3], 17),
      hada_w2_a: small([RANK, OUT], 18),
      hada_w2_b: small([RANK, IN], 19),
      alpha: scalar(2),
    },
  ],
  [
    'LoKr of whole factors',
    'lokr',
    LINEAR,
    { lokr_w1: small([4, 6], 20), lokr_w2: small([8, 8], 21), alpha: scalar(7) },
  ],
  [
    'LoKr with a core',
    'lokr',
    CONVOLUTION,
    {
      lokr_w1: small([4, 6], 22),
      lokr_t2: small([RANK, RANK, 3, 3], 23),
      lokr_w2_a: small([RANK, 8], 24),
      lokr_w2_b: small([RANK, 8], 25),
      alpha: scalar(2),
    },
  ],
  [
    'GLoRA',
    'glora',
    LINEAR,
    {
      'a1.weight': small([IN, RANK], 26),
      'a2.weight': small([RANK, IN], 27),
      'b1.weight': small([OUT, RANK], 28),
      'b2.weight': small([RANK, IN], 29),
      alpha: scalar(1),
    },
  ],
  ['IA3', 'ia3', LINEAR, { weight: small([OUT], 30), on_input: { shape: [], values: [0], dtype: 'BOOL' } }],
  ['a stored difference', 'full', CONVOLUTION, { diff: small([OUT, IN, 3, 3], 31) }],
  ['OFT', 'oft', LINEAR, { oft_blocks: small([4, 8, 8], 32), alpha: scalar(0), rescale: small([OUT, 1], 33) }],
  ['OFT with a constraint', 'oft', LINEAR, { oft_blocks: small([4, 8, 8], 34), alpha: scalar(0.5) }],
  ['BOFT', 'oft', LINEAR, { oft_blocks: small([3, 8, 4, 4], 35), alpha: scalar(0) }],
  ['DoRA by outputs', 'lora', LINEAR, { ...plain, dora_scale: small([OUT, 1], 36) }],
  ['DoRA by inputs', 'lora', LINEAR, { ...plain, dora_scale: small([1, IN], 37) }],
  ['DoRA of a convolution', 'lora', CONVOLUTION, { ...cored, dora_scale: small([1, IN, 1, 1], 38) }],
];

describe.skipIf(torchPython === null)('modules baked in, beside torch', () => {
  let answers: number[][] = [];
  beforeAll(() => {
    answers = askTorch();
  });

  it.each(CASES.map((one, index) => [one[0], index] as const))('%s', async (_, index) => {
    const [, kind, name, parts] = CASES[index] ?? CASES[0] ?? [];
    if (kind === undefined || name === undefined || parts === undefined) throw new Error('no case');
    const strength = 0.7;
    const a = writeNumbers(join(folder, 'a.safetensors'), { [name]: WEIGHTS[name] });
    const named = Object.fromEntries(Object.entries(parts).map(([part, value]) => [`${MODULES[name]}.${part}`, value]));
    const lora = writeNumbers(join(folder, 'lora.safetensors'), named);
    const target = join(folder, 'out.safetensors');
    await mergeModels(
      {
        kind: 'bake-loras',
        a: { path: a, name: 'a', sha256: 'a'.repeat(64) },
        loras: [{ path: lora, name: 'lora', sha256: 'b'.repeat(64), weight: strength }],
      },
      target,
      { name: 'out' },
    );
    const ours = readNumbers(target)[name]?.values ?? [];
    const theirs = answers[index] ?? [];
    expect(ours).toHaveLength(theirs.length);
    const worst = Math.max(...ours.map((value, place) => Math.abs(value - (theirs[place] ?? Number.NaN))));
    expect(worst).toBeLessThan(1e-6);
  });
});

/** What torch makes of every case, in one run. */
function askTorch(): number[][] {
  if (torchPython === null) return [];
  const jobs = CASES.map(([, kind, name, parts]) =>
    JSON.stringify({ kind, strength: 0.7, weight: WEIGHTS[name], parts }),
  );
  const script = join(import.meta.dirname, 'python', 'merge_modules.py');
  const { status, stdout, stderr } = spawnSync(torchPython, ['-I', script], {
    input: jobs.join('\n'),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as number[]);
}

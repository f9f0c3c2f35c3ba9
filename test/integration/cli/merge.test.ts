import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runsCommand, writeCheckpoint, writeSafeCheckpoint } from '#lib/demo/index.ts';
import { numbers, readMetadata, readNumbers, writeNumbers } from '../../fixtures/merge-files.ts';
import { runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'merge-cli '));
const at = (name: string) => join(folder, name);
beforeAll(() => {
  writeSafeCheckpoint(at('a.safetensors'), 'sd1', { seed: 1 });
  writeCheckpoint(at('b.ckpt'), 'sd1', { seed: 2 });
  writeSafeCheckpoint(at('large.safetensors'), 'sdxl');
  const module = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q';
  writeNumbers(at('style.safetensors'), {
    [`${module}.lora_down.weight`]: numbers([1, 2], 1),
    [`${module}.lora_up.weight`]: numbers([2, 1], 2),
  });
  writeCheckpoint(at('poisoned.ckpt'), 'sd1', { extras: [runsCommand()] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('weighhouse merge', () => {
  it('blends two checkpoints, whatever their containers, and reports as JSON', async () => {
    const { code, stdout, stderr } = await runCli([
      'merge',
      at('a.safetensors'),
      at('b.ckpt'),
      ...['--weight', '0.25', '--dtype', 'f32', '--out', at('mix.safetensors'), '--format', 'json'],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const sha256 = createHash('sha256')
      .update(readFileSync(at('b.ckpt')))
      .digest('hex');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'weighted-sum', models: [{ name: 'a' }, { name: 'b', sha256 }] });
    const name = 'model.diffusion_model.out.2.weight';
    writeSafeCheckpoint(at('b.safetensors'), 'sd1', { seed: 2 });
    const [a, b, mixed] = ['a', 'b', 'mix'].map((file) => readNumbers(at(`${file}.safetensors`))[name]?.values ?? []);
    expect(a).not.toEqual(b);
    expect(mixed).toEqual(a?.map((value, index) => Math.fround(0.75 * value + 0.25 * (b?.[index] ?? Number.NaN))));
    expect(readMetadata(at('mix.safetensors')).get('modelspec.title')).toBe('mix');
  });

  it('bakes a LoRA in, and combines LoRAs', async () => {
    const lora = at('style.safetensors');
    const baked = await runCli([
      'merge',
      at('a.safetensors'),
      '--lora',
      `${lora}:0.8,0.4`,
      '--out',
      at('baked.safetensors'),
    ]);
    expect(baked).toMatchObject({ code: 0, stderr: '' });
    expect(baked.stdout).toContain('recomputed');
    const recipe = JSON.parse(readMetadata(at('baked.safetensors')).get('sd_merge_recipe') ?? '');
    expect(recipe.loras).toMatchObject([{ name: 'style', weight: 0.8, text_encoder_weight: 0.4 }]);
    const both = await runCli(['merge', '--lora', lora, '--lora', `${lora}:0.5`, '--out', at('both.safetensors')]);
    expect(both).toMatchObject({ code: 0, stderr: '' });
  });

  it.concurrent.each([
    ['models of two base versions', ['a.safetensors', 'large.safetensors'], '“a” is sd1 and “large” is sdxl'],
    ['a file that runs a program', ['a.safetensors', 'poisoned.ckpt'], 'is dangerous and was not merged'],
    ['a file that is not there', ['a.safetensors', 'none.safetensors'], 'none.safetensors not found'],
    ['one model alone', ['a.safetensors'], 'Name a second model'],
  ])('refuses %s and leaves nothing', async (what, models, message) => {
    const { code, stderr } = await runCli(['merge', ...models.map(at), '--out', at(`no ${what}.safetensors`)]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(readdirSync(folder).filter((name) => name.startsWith(`no ${what}`))).toEqual([]);
  });

  it('never writes over one of the models, and over other files only when told to', async () => {
    const before = readFileSync(at('a.safetensors'));
    const models = [at('a.safetensors'), at('b.ckpt')];
    const self = await runCli(['merge', ...models, '--force', '--out', at('a.safetensors')]);
    expect(self.code).not.toBe(0);
    expect(readFileSync(at('a.safetensors')).equals(before)).toBe(true);
    const other = await runCli(['merge', ...models, '--out', at('large.safetensors')]);
    expect(other.stderr).toContain('--force');
    expect(existsSync(at('large.safetensors'))).toBe(true);
  });
});

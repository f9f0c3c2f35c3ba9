import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMetadata } from '#lib/pictures/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { writeSmallCheckpoint, writeSmallLora } from '../../fixtures/render/small-models.ts';
import { runCli } from '../../support/cli.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const SMALL = ['--size', '64', '--steps', '2', '--provider', 'cpu'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighhouse-render-cli-'));
  writeSmallCheckpoint(at('small.safetensors'), 'sd1');
  writeSmallLora(at('style.safetensors'), 'sd1');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('weighhouse render', () => {
  it('writes a picture whose parameters the tools of the field read back', async () => {
    const { code, stdout } = await runCli([
      'render',
      at('small.safetensors'),
      ...['--prompt', 'a (cat:1.2), sitting', '--negative', 'dog', '--seed', '7', '--clip-skip', '2'],
      ...['--lora', `${at('style.safetensors')}:0.8`, '--cfg', '5', ...SMALL],
      ...['--out', at('cat.png'), '--format', 'json'],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ out: at('cat.png'), pictures: [{ width: 64, height: 64 }] });

    const model = await hashFile(at('small.safetensors'));
    const lora = await hashFile(at('style.safetensors'));
    const metadata = await readMetadata(readFileSync(at('cat.png')));
    expect(metadata?.parameters).toMatchObject({
      prompt: expect.stringContaining('a (cat:1.2), sitting'),
      negativePrompt: 'dog',
      seed: '7',
      steps: 2,
      sampler: 'DPM++ 2M',
      scheduler: 'Karras',
      cfgScale: 5,
      clipSkip: 2,
      width: 64,
      height: 64,
      model: 'small',
      modelHash: model.sha256.slice(0, 10),
      loras: [{ name: 'style', weight: 0.8, hash: lora.autov3?.slice(0, 12) }],
    });
  });

  it('draws a sweep as one picture with a column for each weight', async () => {
    const { code, stdout } = await runCli([
      'render',
      at('small.safetensors'),
      ...['--prompt', 'x', '--lora', at('style.safetensors'), '--sweep', '0,0.5,1', ...SMALL],
      ...['--out', at('sweep.png'), '--no-hashes'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sweep\.png: 64×64 on cpu/);
    const png = readFileSync(at('sweep.png'));
    expect(png.readUInt32BE(16)).toBeGreaterThan(3 * 64);
  });

  it('draws the same picture again, and overwrites nothing unless told', async () => {
    const args = ['render', at('small.safetensors'), '--prompt', 'x', ...SMALL, '--no-hashes', '--out', at('same.png')];
    expect((await runCli(args)).code).toBe(0);
    const first = readFileSync(at('same.png'));
    const refused = await runCli(args);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists\. Use --force/) });
    expect((await runCli([...args, '--force'])).code).toBe(0);
    expect(readFileSync(at('same.png'))).toEqual(first);
  });

  it.each([
    ['a LoRA alone', ['style.safetensors'], 2, /Its type is "lora"/],
    ['a file that is not there', ['nowhere.safetensors'], 2, /file not found/],
    ['a sweep without a LoRA', ['small.safetensors', '--sweep', '0,1'], 2, /--sweep needs a LoRA/],
    ['a size that cannot be', ['small.safetensors', '--size', 'huge'], 64, /size in pixels/],
    [
      'a provider that is not there',
      ['small.safetensors', '--provider', 'dml'],
      2,
      /dml is not available on this machine/,
    ],
  ])('refuses %s in a sentence and leaves nothing behind', async (_, [file = '', ...options], code, message) => {
    const run = await runCli(['render', at(file), '--prompt', 'x', '--out', at('never.png'), ...options]);
    expect(run).toMatchObject({ code, stderr: expect.stringMatching(message) });
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(at('never.png'))).toBe(false);
  });
});

describe('weighhouse doctor', () => {
  it('says of every provider whether it can draw here, and which is taken', async () => {
    const { code, stdout } = await runCli(['doctor', '--format', 'json']);
    expect(code).toBe(0);
    const { providers, chosen, cores } = JSON.parse(stdout);
    expect(providers.map(({ provider }: { provider: string }) => provider)).toEqual([
      'cuda',
      'webgpu',
      'coreml',
      'dml',
      'cpu',
    ]);
    expect(providers.at(-1)).toMatchObject({ provider: 'cpu', reason: null });
    expect(providers.find(({ provider }: { provider: string }) => provider === chosen).reason).toBeNull();
    expect(cores).toBeGreaterThan(0);
    expect((await runCli(['doctor'])).stdout).toMatch(/Previews are rendered on/);
  });
});

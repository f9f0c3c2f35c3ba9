import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SECOND, SHARDS, UNET_ALONE, writeFolder } from '../../fixtures/model-folders.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';
import { runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse several '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { [SECOND]: _, ...incomplete } = SHARDS;
writeFolder(at('whole'), SHARDS);
writeFolder(at('incomplete'), incomplete);
writeFolder(at('poisoned'), { ...UNET_ALONE, 'unet/diffusion_pytorch_model.bin': latin1(EVIL2) });
writeFolder(at('with loops'), { ...UNET_ALONE, loop: { link: 'loop' }, 'unet/up': { link: '..' } });
writeFolder(at('with code'), { ...UNET_ALONE, 'unet/helper.py': 'print("harmless")\n' });

interface Json {
  files: { path: string; verdict: string }[];
  models: { path: string; verdict: string; files: object[]; missing: string[]; findings: { rule: string }[] }[];
}

describe('scan gives a model in several files one verdict', () => {
  it.each([
    ['whole', 0, 'clean', []],
    ['incomplete', 2, 'incomplete', ['model/part-missing']],
    ['poisoned', 1, 'dangerous', []],
    ['with code', 3, 'suspicious', ['member/names-code']],
    // What cannot be read in its folder is not known to be harmless.
    ['with loops', 2, 'incomplete', []],
  ])('%s', async (name, exit, verdict, rules) => {
    const { code, stdout } = await runCli(['scan', at(name), '--format', 'json']);
    const { models, files } = JSON.parse(stdout) as Json;
    expect([code, models.length, models[0]?.verdict]).toEqual([exit, 1, verdict]);
    expect(models[0]?.findings.map(({ rule }) => rule)).toEqual(rules);
    expect(models[0]?.files).toHaveLength(files.length);
  });

  it('says it to people, and to code scanning', async () => {
    const text = await runCli(['scan', at('incomplete')]);
    expect(text.stdout).toMatch(/model\.safetensors\.index\.json: incomplete\n.*\n {2}missing: model-00002-of-00002/);
    const { stdout } = await runCli(['scan', at('incomplete'), '--format', 'sarif']);
    expect(stdout).toContain('model/part-missing');
  });
});

it('identifies a model in several files once', async () => {
  const { code, stdout } = await runCli(['identify', folder, '--format', 'json']);
  const { files } = JSON.parse(stdout) as { files: { path: string; parts?: string[]; missing?: string[] }[] };
  expect(code).toBe(0);
  expect(files.map(({ path, parts }) => [path.slice(folder.length + 1), parts?.length])).toEqual([
    ['poisoned', 1],
    ['with code', 1],
    ['with loops', 1],
    ['incomplete/model.safetensors.index.json', 1],
    ['whole/model.safetensors.index.json', 2],
  ]);
  expect(files.find(({ path }) => path.includes('incomplete'))?.missing).toEqual([SECOND]);
});

describe('convert writes one file of a model in several', () => {
  it('shards, by their folder or their index', async () => {
    for (const input of ['whole', 'whole/model.safetensors.index.json']) {
      const { code, stdout } = await runCli([
        'convert',
        at(input),
        at('out.safetensors'),
        '--force',
        '--format',
        'json',
      ]);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { tensors: 3, verified: true }]);
    }
  });

  it.each([
    ['incomplete', 'x.safetensors', /is incomplete and was not converted/],
    ['poisoned', 'x.safetensors', /Only diffusers folders of SD 1\.x/],
    ['whole', 'x.ckpt', /to \.safetensors only/],
    ['whole', `whole/${SECOND}`, /is a file of the model itself/],
  ])('%s to %s is refused', async (input, output, words) => {
    const { code, stderr } = await runCli(['convert', at(input), at(output), '--force']);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});

describe('convert --max-shard-size writes shards with an index', () => {
  const convert = async (input: string, to: string, ...options: string[]) =>
    await runCli(['convert', at(input), at(`${to}/model.safetensors`), '--format', 'json', ...options]);

  it('which become the same bytes again, whatever they were made from', async () => {
    for (const to of ['single', 'sharded', 'again', 'resharded', 'fits']) mkdirSync(at(to));
    expect((await convert('whole', 'single')).code).toBe(0);
    const { code, stdout } = await convert('single/model.safetensors', 'sharded', '--max-shard-size', '12B');
    const { files } = JSON.parse(stdout) as { files: { path: string }[] };
    const expected = [
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ];
    expect([code, files.map(({ path }) => path.slice(at('sharded').length + 1))]).toEqual([0, expected]);
    expect(readdirSync(at('sharded')).sort()).toEqual(expected);
    expect(JSON.parse(readFileSync(at('sharded/model.safetensors.index.json'), 'utf8'))).toEqual({
      metadata: { total_size: 24 },
      weight_map: { a: expected[0], b: expected[1], c: expected[1] },
    });
    expect((await runCli(['scan', at('sharded')])).code).toBe(0);
    // A tensor that is larger than a shard has one of its own.
    expect((await convert('sharded', 'resharded', '--max-shard-size', '8B')).code).toBe(0);
    expect(readdirSync(at('resharded'))).toHaveLength(4);
    const data = (path: string) => {
      const bytes = readFileSync(path);
      return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
    };
    expect((await convert('resharded', 'again')).code).toBe(0);
    expect(data(at('again/model.safetensors'))).toEqual(data(at('single/model.safetensors')));
    expect((await convert('whole', 'fits', '--max-shard-size', '5GB')).code).toBe(0);
    expect(readdirSync(at('fits'))).toEqual(['model.safetensors']);

    const again = await convert('whole', 'sharded', '--max-shard-size', '8B');
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/already exists/)]);
    expect(readdirSync(at('sharded')).sort()).toEqual(expected);
    expect((await convert('whole', 'sharded', '--max-shard-size', '8B', '--force')).code).toBe(0);
    expect(readdirSync(at('sharded')).filter((name) => !name.includes('-of-00003'))).toEqual([expected[2]]);
    const own = await convert('sharded', 'sharded', '--max-shard-size', '12B', '--force');
    expect([own.code, own.stderr]).toEqual([2, expect.stringMatching(/a file of the model itself/)]);
  });

  it.each(['0', 'much', '-5GB'])('refuses the size %s', async (size) => {
    expect((await convert('whole', 'x', `--max-shard-size=${size}`)).stderr).toMatch(/Use a size such as/);
  });
});

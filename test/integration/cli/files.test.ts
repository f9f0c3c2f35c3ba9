import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdsUnknownObject, runsCommand, writeCheckpoint, writeEmbedding } from '#lib/demo/index.ts';
import { VERSION } from '#lib/version.ts';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { openFileSource, RULES_VERSION } from '#scanner/index.ts';
import { runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse cli '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(at('mödels 模型/deeper'), { recursive: true });
  writeCheckpoint(at('clean.ckpt'), 'sd1');
  writeCheckpoint(at('poisoned.ckpt'), 'sd1', { extras: [runsCommand()] });
  writeCheckpoint(at('odd.ckpt'), 'sd1', { extras: [holdsUnknownObject()] });
  writeFileSync(at('half.ckpt'), readFileSync(at('clean.ckpt')).subarray(0, 300_000));
  writeEmbedding(at('mödels 模型/deeper/style.pt'), 'sd1', 'style', 1);
  writeFileSync(at('mödels 模型/notes.txt'), 'not a model');
  symlinkSync(at('mödels 模型'), at('mödels 模型/deeper/up'));
  writeEmbedding(at('wipe \u001b[2J.pt'), 'sd1', 'style', 2);
});

interface ScanJson {
  files: { path: string; verdict: string; findings: { message: string; call?: string }[] }[];
}
const scanJson = async (...args: string[]) => {
  const { code, stdout } = await runCli(['scan', '--format', 'json', ...args]);
  return { code, json: JSON.parse(stdout) as ScanJson & Record<string, unknown> };
};

describe('weighhouse scan', () => {
  it('prints the JSON that other programs rely on', async () => {
    const { code, json } = await scanJson(at('poisoned.ckpt'));
    expect(code).toBe(1);
    expect(json).toEqual({
      schema: 1,
      scanner: VERSION,
      rules: RULES_VERSION,
      files: [
        {
          path: at('poisoned.ckpt'),
          size: readFileSync(at('poisoned.ckpt')).length,
          container: 'torch-zip',
          verdict: 'dangerous',
          findings: [
            {
              rule: 'pickle/global-dangerous',
              severity: 'dangerous',
              global: 'posix.system',
              call: "posix.system('echo harmless')",
              where: { member: 'poisoned/data.pkl', pickle: 0, offset: expect.any(Number), opcode: 'REDUCE' },
              message: expect.stringContaining('echo harmless'),
            },
          ],
          globals: expect.arrayContaining([{ name: 'torch._utils._rebuild_tensor_v2', class: 'allowed', count: 1143 }]),
          tensors: 1143,
          type: 'checkpoint',
          base: 'sd1',
        },
      ],
    });
  });

  it.each([
    [['clean.ckpt'], 0],
    [['clean.ckpt', 'odd.ckpt'], 3],
    [['clean.ckpt', 'odd.ckpt', 'half.ckpt'], 2],
    [['clean.ckpt', 'odd.ckpt', 'half.ckpt', 'poisoned.ckpt'], 1],
    [['clean.ckpt', 'missing.ckpt'], 2],
    [['missing.ckpt', 'poisoned.ckpt'], 1],
    [['--fail-on', 'dangerous', 'odd.ckpt'], 0],
    [['--fail-on', 'dangerous', 'poisoned.ckpt'], 1],
  ])('of %j exits with %i', async (args, code) => {
    const named = args.map((arg) => (arg.endsWith('.ckpt') ? at(arg) : arg));
    expect((await scanJson(...named)).code).toBe(code);
  });

  it('goes through folders, and says where links lead in a circle', async () => {
    const { code, json } = await scanJson(at('mödels 模型'));
    expect(code).toBe(2);
    expect(json.files.map(({ path, verdict }) => [path, verdict])).toEqual([
      [at('mödels 模型/deeper/style.pt'), 'clean'],
      [at('mödels 模型/deeper/up'), 'incomplete'],
    ]);
    expect(json.files[1]?.findings[0]?.message).toBe('Its symbolic links form a loop.');
  });

  it('goes on after a file that cannot be read, and says why', async () => {
    const { code, json } = await scanJson(at('missing.ckpt'), at('clean.ckpt'));
    expect(code).toBe(2);
    expect(json.files.map(({ verdict }) => verdict)).toEqual(['incomplete', 'clean']);
    expect(json.files[0]?.findings[0]?.message).toBe('File not found.');
  });

  it('says for people what a file would do, and lets no name steer the terminal', async () => {
    const { code, stdout, stderr } = await runCli(['scan', at('poisoned.ckpt'), at('wipe \u001b[2J.pt')]);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^DANGEROUS {2}.*poisoned\.ckpt/);
    expect(stdout).toContain("posix.system('echo harmless')");
    expect(stdout).toContain('wipe \\u{1b}[2J.pt');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/2 files: 1 dangerous, 1 clean\.\s*$/);
  });
});

describe('weighhouse identify', () => {
  it('gives type and base with the evidence', async () => {
    const { code, stdout } = await runCli(['identify', at('clean.ckpt'), '--format', 'json']);
    const { files } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({
      path: at('clean.ckpt'),
      type: 'checkpoint',
      base: 'sd1',
      variant: null,
      prediction: 'epsilon',
      confidence: 'certain',
    });
    expect(files[0].components).toEqual(expect.arrayContaining(['unet', 'vae', 'clip-l']));
    expect(files[0].evidence.length).toBeGreaterThan(2);
  });

  it('reads what lies beside a file, as uploading both would', async () => {
    writeFileSync(at('clean.yaml'), 'model:\n  params:\n    parameterization: "v"\n');
    try {
      const { stdout } = await runCli(['identify', at('clean.ckpt')]);
      expect(stdout).toContain('prediction v,');
      expect(stdout).toContain('prediction, by sidecar: clean.yaml: parameterization = v');
    } finally {
      rmSync(at('clean.yaml'));
    }
  });

  it('reads the class in the configuration beside weights that programs load by it', async () => {
    mkdirSync(at('net'));
    try {
      copyFileSync(at('clean.ckpt'), at('net/diffusion_pytorch_model.bin'));
      copyFileSync(at('clean.ckpt'), at('net/mine.ckpt'));
      writeFileSync(at('net/config.json'), '{"_class_name": "FluxTransformer2DModel"}');
      const { stdout } = await runCli(['identify', at('net'), '--format', 'json']);
      const [weights, mine] = JSON.parse(stdout).files;
      expect(weights).toMatchObject({ base: 'sd1', confidence: 'high' });
      expect(weights.problems.join()).toContain('config.json: _class_name = FluxTransformer2DModel');
      // A configuration beside a file of any other name may be anybody's.
      expect(mine).toMatchObject({ base: 'sd1', confidence: 'certain' });
    } finally {
      rmSync(at('net'), { recursive: true });
    }
  });

  it('says what keeps a file from being identified', async () => {
    const { code, stdout } = await runCli(['identify', at('half.ckpt'), '--format', 'json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).files[0].error).toMatch(/\w+ .*\./);
  });
});

it('weighhouse hash prints every digest', async () => {
  const { code, stdout } = await runCli(['hash', at('clean.ckpt'), '--format', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ files: [{ path: at('clean.ckpt'), ...(await hashFile(at('clean.ckpt'))) }] });
  expect(Object.keys(JSON.parse(stdout).files[0])).toEqual([
    'path',
    'sha256',
    'autov1',
    'autov2',
    'autov3',
    'blake3',
    'crc32',
  ]);
});

describe('weighhouse convert', () => {
  const leftovers = () => readdirSync(folder).filter((name) => /\.(checking|part)$/.test(name));

  it('writes every tensor, once', async () => {
    const first = await runCli(['convert', at('clean.ckpt'), at('made.safetensors'), '--format', 'json']);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(JSON.parse(first.stdout)).toMatchObject({ tensors: 1143, verified: true });
    using source = openFileSource(at('made.safetensors'));
    expect(readSafetensorsHeader(source).header.size).toBe(1143);

    const again = await runCli(['convert', at('clean.ckpt'), at('made.safetensors')]);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/exists\. Use --force/);
    expect((await runCli(['convert', at('clean.ckpt'), at('made.safetensors'), '--force'])).code).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('refuses a poisoned file, unless told to disarm it', async () => {
    const refused = await runCli(['convert', at('poisoned.ckpt'), at('disarmed.safetensors')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/is dangerous and was not converted\. Use --disarm/);
    expect(readdirSync(folder)).not.toContain('disarmed.safetensors');

    expect((await runCli(['convert', at('poisoned.ckpt'), at('disarmed.safetensors'), '--disarm'])).code).toBe(0);
    expect(readFileSync(at('disarmed.safetensors')).includes('echo harmless')).toBe(false);
  });

  it.each([
    ['half.ckpt', 'out.safetensors', /is malformed and was not converted/],
    ['missing.ckpt', 'out.safetensors', /File not found/],
    ['clean.ckpt', 'no such folder/out.safetensors', /Folder .*no such folder not found/],
    ['clean.ckpt', 'clean.ckpt', /exists|same file/],
  ])('of %s to %s leaves nothing behind', async (input, output, words) => {
    const before = readFileSync(at('clean.ckpt'));
    const { code, stderr } = await runCli(['convert', at(input), at(output)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
    expect(leftovers()).toEqual([]);
    expect(readFileSync(at('clean.ckpt')).equals(before)).toBe(true);
  });
});

it('prints JSON whose names no terminal obeys, and that reads as they are', async () => {
  const name = 'odd \u009b2J \u202e \u{e0041} \u0007 é.bin';
  writeFileSync(at(name), 'x');
  const { code, stdout } = await runCli(['hash', at(name), '--format', 'json']);
  expect(code).toBe(0);
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stdout).files[0].path).toBe(at(name));
  rmSync(at(name));
});

it.each([
  [['scan']],
  [['scan', '--format', 'xml', 'a.ckpt']],
  [['convert', 'a.ckpt']],
  [['conjure', 'a.ckpt']],
  [['hash', '--loudly', 'a.ckpt']],
  [['upload', 'a.ckpt']],
  [['upload', 'a.ckpt', '--token', 't', '--server', 'models.example']],
  [['token', 'create', '--name', 'x', '--scopes', 'everything']],
])('%j is wrong usage', async (args) => {
  const { code, stdout, stderr } = await runCli(args);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(/^error: .*\n(\(Did you mean .*\n)?\(run weighhouse.* --help for help\)/);
});

it('a file that may not be read is said to be so', async () => {
  writeFileSync(at('secret.ckpt'), 'x');
  chmodSync(at('secret.ckpt'), 0);
  const { json } = await scanJson(at('secret.ckpt'));
  // Nothing is forbidden to root, who reads it and finds that it is no model.
  expect(['incomplete', 'malformed']).toContain(json.files[0]?.verdict);
  rmSync(at('secret.ckpt'));
});

it('key and sign make a signature of what is clean, and of nothing else', async () => {
  const made = await runCli(['key', 'create', at('k.key'), '--format', 'json']);
  expect(JSON.parse(made.stdout)).toMatchObject({ privateKey: at('k.key'), publicKey: at('k.pub') });
  const files = [at('clean.ckpt'), at('poisoned.ckpt')];
  const { code, stderr } = await runCli(['sign', ...files], { WEIGHHOUSE_SIGNING_KEY: at('k.key') });
  expect(code).toBe(1);
  expect(stderr).toContain('poisoned.ckpt is dangerous, and was not signed.');
  expect(readdirSync(folder).filter((name) => name.endsWith('.sig'))).toEqual(['clean.ckpt.sig']);
  const { payload } = JSON.parse(readFileSync(at('clean.ckpt.sig'), 'utf8')).dsseEnvelope;
  const { predicate } = JSON.parse(String(Buffer.from(payload, 'base64')));
  const digest = (await hashFile(at('clean.ckpt'))).sha256;
  expect(predicate).toMatchObject({ resources: [{ name: '.', digest }], scan: { verdict: 'clean' } });
  const again = await runCli(['sign', at('clean.ckpt'), '--key', at('k.key')]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('already exists')]);
});

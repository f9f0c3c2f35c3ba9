import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spool } from '#lib/cli/scan/stdin.ts';
import { lz4Frame, packWithSevenZip } from '../../fixtures/packed.ts';
import { EVIL0, EVIL2, global, latin1 } from '../../fixtures/pickles.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { type CliResult, runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse scan '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(at('models'));
writeFileSync(at('models/a good.pkl'), latin1('\x80\x02}.'));
writeFileSync(at('models/b evil.ckpt'), makeZip([{ name: 'archive/data.pkl', bytes: latin1(EVIL2) }]));
writeFileSync(at('models/c odd.pkl'), latin1(`\x80\x02${global('my_pkg', 'MyClass')}.`));
const scan = (...args: string[]) => runCli(['scan', ...args], {}, folder);

/** `weighhouse scan` with these bytes on its standard input. */
async function scanStdin(bytes: Uint8Array, ...args: string[]): Promise<CliResult> {
  const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'weighhouse.mjs');
  const env = { ...process.env, TMPDIR: at('.') };
  const child = spawn(process.execPath, [bin, 'scan', ...args], { env, stdio: 'pipe' });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  const [stdout, stderr] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
  return { code: await code, stdout, stderr };
}

describe('standard input', () => {
  it('is scanned under the name that it is given, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await scanStdin(latin1(EVIL2), '-', '--name', 'x.safetensors', '--format', 'json');
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout).files).toMatchObject([
      {
        path: 'x.safetensors',
        size: EVIL2.length,
        findings: [{ rule: 'pickle/global-dangerous' }, { rule: 'container/wrong-extension' }],
      },
    ]);
    expect(readdirSync(folder)).toEqual(['models']);
  });

  it('that is empty is malformed, beside files that are not', async () => {
    const { code, stdout } = await scanStdin(new Uint8Array(), '-', at('models/a good.pkl'));
    expect(code).toBe(2);
    expect(stdout).toMatch(/^MALFORMED {2}stdin[\s\S]*CLEAN[\s\S]*2 files: 1 malformed, 1 clean\.\s*$/);
  });

  it('that is waited for in vain leaves nothing behind when the command is stopped', async () => {
    const main = join(import.meta.dirname, '..', '..', '..', 'lib', 'cli', 'main.ts');
    const env = { ...process.env, TMPDIR: at('.') };
    const child = spawn(process.execPath, [main, 'scan', '-'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.write('half a model');
    const spooled = () => readdirSync(folder).find((name) => name.startsWith('weighhouse-scan-'));
    await expect.poll(() => readdirSync(at(spooled() ?? 'models'))).toEqual(['input']);
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(spooled()).toBeUndefined();
  });

  it('that breaks off leaves nothing behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('weighhouse-scan-'));
    const broken = new Readable({
      read() {
        this.destroy(new Error('cut'));
      },
    });
    await expect(spool(broken)).rejects.toThrow('cut');
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('weighhouse-scan-'))).toEqual(before);
  });
});

it('opens what 7-Zip has packed although its worker may do nothing but read', async () => {
  writeFileSync(at('evil.xz'), packWithSevenZip('xz', latin1(EVIL2)));
  const { code, stdout } = await scan('evil.xz', '--format', 'json');
  expect(JSON.parse(stdout).files[0]).toMatchObject({ verdict: 'dangerous', container: 'compressed' });
  expect(code).toBe(1);
});

describe('a folder', () => {
  it.each(['1', '2'])('gives the same with --jobs %s, in the order of its names', async (jobs) => {
    const { code, stdout } = await scan('models', '--jobs', jobs, '--format', 'json');
    expect(code).toBe(1);
    expect(
      JSON.parse(stdout).files.map(({ path, verdict }: { path: string; verdict: string }) => [path, verdict]),
    ).toEqual([
      ['models/a good.pkl', 'clean'],
      ['models/b evil.ckpt', 'dangerous'],
      ['models/c odd.pkl', 'suspicious'],
    ]);
  });

  it('ends with a summary', async () => {
    expect((await scan('models')).stdout).toMatch(/3 files: 1 clean, 1 dangerous, 1 suspicious\.\s*$/);
  });

  it('as SARIF names files from where the command was run', async () => {
    const { code, stdout } = await scan('models', '--format', 'sarif');
    expect(code).toBe(1);
    const [run] = JSON.parse(stdout).runs;
    expect(run.artifacts.slice(0, 2).map(({ location }: { location: { uri: string } }) => location.uri)).toEqual([
      'models/a%20good.pkl',
      'models/b%20evil.ckpt',
    ]);
    expect(run.results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
      'pickle/global-dangerous',
      'pickle/global-unknown',
    ]);
  });
});

describe('a folder with more than models in it', () => {
  const evil = latin1(EVIL2);
  const MODELS = [
    ...['.metadata', 'm.distcp', 'model.sav', 'a.p', 'a.pk', 'a.dill', 'a.ptl', 'a.mar', 'a.nemo', 'a.ckpt-1000'],
    ...['a.safetensors.part', 'optimizer', 'rng_state', 'readme.txt.bak', '.hidden/deep/x', '.git/only-called-so'],
  ];
  const PACKED: readonly (readonly [string, Uint8Array])[] = [
    ['a.tgz', gzipSync(evil)],
    ['a.pkl.xz', packWithSevenZip('xz', evil)],
    ['a.pkl.bz2', packWithSevenZip('bzip2', evil)],
    ['a.joblib.lz4', lz4Frame(evil)],
    ['p0.txt', Buffer.from(`S'${'a'.repeat(100_000)}'\n0${EVIL0}`, 'latin1')],
  ];
  const OTHERS: readonly (readonly [path: string, reason: string, knownHarmless: boolean, bytes: string])[] = [
    ['repo/.git', 'git', true, ''],
    ['others/README.md', 'text', true, '# A model\n'],
    ['others/0.txt', 'text', true, '0. a list\n'],
    ['others/a.png', 'picture', true, '\x89PNG\r\n\x1a\n\0\0'],
    ['others/empty', 'empty', true, ''],
    ['others/vocab.json', 'text', true, '{"a": 1}'],
    ['others/notes.dat', 'text', true, 'a text\n'],
    ['others/tool', 'program', false, '\x7fELF\x02'],
    ['others/own.py', 'script', false, 'pass\n'],
    ['others/a.yaml', 'configuration', false, 'target: os.system\n'],
    ['others/data', 'unknown', false, '\xff\xfe\0\x01\x02\x03'],
    ['others/late', 'unknown', false, `${'a text\n'.repeat(10_000)}\0\x01`],
  ];
  const write = (path: string, bytes: string | Uint8Array) => {
    mkdirSync(dirname(at(`mixed/${path}`)), { recursive: true });
    writeFileSync(at(`mixed/${path}`), bytes);
  };
  interface Folder {
    scanned: number;
    passedOver: number;
    reasons: Record<string, number>;
    notScanned: { path: string; reason: string; knownHarmless: boolean }[];
    links: { path: string; target: string }[];
  }
  const scanFolder = async (...args: string[]) => {
    const { code, stdout } = await scan('--format', 'json', ...args);
    const json = JSON.parse(stdout) as { files: { path: string; verdict: string }[]; folder: Folder };
    return { code, ...json };
  };

  beforeAll(() => {
    for (const path of MODELS) write(path, evil);
    for (const [path, bytes] of PACKED) write(path, bytes);
    for (const [path, , , bytes] of OTHERS) if (bytes !== '' || path.endsWith('empty')) write(path, latin1(bytes));
    write('repo/.git/HEAD', 'ref: refs/heads/main\n');
    write('repo/.git/objects/aa', evil);
    write('harmless/README.md', '# A model\n');
    symlinkSync(at('mixed/optimizer'), at('mixed/linked'));
    symlinkSync(at('mixed/nowhere'), at('mixed/broken'));
    execFileSync('mkfifo', [at('mixed/others/pipe')]);
  });

  it('scans what is a model by its content or its name, hidden or linked, and counts the others by what they are', async () => {
    const { code, files, folder } = await scanFolder('mixed');
    expect(code).toBe(1);
    const verdicts = new Map(files.map(({ path, verdict }) => [path.slice('mixed/'.length), verdict]));
    const dangerous = [...MODELS, ...PACKED.map(([path]) => path), 'linked'];
    expect(Object.fromEntries(verdicts)).toEqual({
      ...Object.fromEntries(dangerous.map((path) => [path, 'dangerous'])),
      broken: 'incomplete',
    });
    const expected = [
      ...OTHERS.map(([path, reason, knownHarmless]) => ({ path: `mixed/${path}`, reason, knownHarmless })),
      { path: 'mixed/others/pipe', reason: 'special', knownHarmless: false },
      { path: 'mixed/harmless/README.md', reason: 'text', knownHarmless: true },
    ];
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(folder.notScanned.toSorted(byPath)).toEqual(expected.toSorted(byPath));
    expect(folder).toMatchObject({
      scanned: files.length,
      passedOver: expected.length,
      reasons: { text: 5, unknown: 2, program: 1, git: 1, special: 1 },
      links: [{ path: 'mixed/linked', target: at('mixed/optimizer') }],
    });
  });

  it('says so in text and in SARIF', async () => {
    const { stdout } = await scan('mixed/others');
    expect(stdout).toMatch(
      /^Not scanned, because they are not models: text files \(4\), files of unknown format \(2\)/m,
    );
    expect(stdout).toContain('  mixed/others/tool  (program)\n');
    expect(stdout).toMatch(/No model files found\.\s*$/);
    const sarif = JSON.parse((await scan('--format', 'sarif', 'mixed/others')).stdout);
    expect(sarif.runs[0].properties.folder).toMatchObject({ scanned: 0, passedOver: 12, reasons: { program: 1 } });
  });

  it.each([
    [['mixed/others'], 0],
    [['--strict', 'mixed/others'], 2],
    [['--strict', 'mixed/harmless'], 0],
    [['--strict', 'mixed'], 1],
  ])('%j ends with %i', async (args, code) => {
    expect((await scan(...args)).code).toBe(code);
  });
});

describe('--explain', () => {
  it('shows the instructions around a finding, and what loading the file would do', async () => {
    const { code, stdout, stderr } = await scan('--explain', 'models/b evil.ckpt');
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/archive\/data\.pkl, pickle 1/);
    expect(stdout).toMatch(/▶ +2 {2}GLOBAL +os system/);
    expect(stdout).toContain("      _1 = os.system('echo harmless')\n");
  });

  it('goes on past a file that cannot be read', async () => {
    const { code, stdout } = await scan('--explain', 'missing.ckpt', 'models/a good.pkl');
    expect(code).toBe(2);
    expect(stdout).toMatch(/File not found[\s\S]*return \{\}/);
  });
});

describe('--policy', () => {
  it.each([
    [{ allow: ['my_pkg.MyClass'] }, 'clean', 0],
    [{}, 'suspicious', 3],
    [{ deny: ['my_pkg.*'] }, 'dangerous', 1],
    [{ limits: { pickle: { opcodes: 1 } } }, 'incomplete', 2],
  ])('%j makes a file %s', async (policy, verdict, status) => {
    writeFileSync(at('policy.json'), JSON.stringify(policy));
    const { code, stdout } = await scan(
      '--policy',
      'policy.json',
      '--format',
      'json',
      'models/c odd.pkl',
      'models/c odd.pkl',
    );
    rmSync(at('policy.json'));
    expect(JSON.parse(stdout).files.map((file: { verdict: string }) => file.verdict)).toEqual([verdict, verdict]);
    expect(code).toBe(status);
  });

  it('that cannot be used is wrong usage, said before anything is scanned', async () => {
    writeFileSync(at('policy.json'), '{"allow": ["os.system"]}');
    const { code, stdout, stderr } = await scan('--policy', 'policy.json', 'models');
    rmSync(at('policy.json'));
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain('allow.0: os.system is dangerous');
  });
});

it.each([
  [['--name', 'x.pt', 'models'], /--name can only be used with standard input/],
  [['-', '-'], /only be used once/],
  [['--explain', '--format', 'json', 'models'], /supports text output only/],
  [['--jobs', 'many', 'models'], /whole number from 1/],
  [['--policy', 'missing.json', 'models'], /File not found/],
])('%j is wrong usage', async (args, words) => {
  const { code, stdout, stderr } = await scan(...args);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(words);
});

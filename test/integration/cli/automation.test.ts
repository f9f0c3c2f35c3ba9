import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scanCommand } from '#lib/cli/scan-command.ts';
import { endingsOf, UNFINISHED } from '#scanner/model-files.ts';
import { EVIL2, global, latin1 } from '../../fixtures/pickles.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const workspace = mkdtempSync(join(tmpdir(), 'weighhouse workspace '));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
writeFileSync(join(workspace, 'good one.pkl'), latin1('\x80\x02}.'));
mkdirSync(join(workspace, 'notes'));
writeFileSync(join(workspace, 'notes', 'tool'), latin1('\x7fELF\x02'));
writeFileSync(join(workspace, 'evil.ckpt'), latin1(EVIL2));
writeFileSync(join(workspace, 'odd.pkl'), latin1(`\x80\x02${global('my_pkg', 'MyClass')}.`));

/** The lines of a block of a YAML file in which each level is two spaces deeper, without those of its own blocks. */
function keysBelow(yaml: string, block: string): string[] {
  const lines = yaml.split('\n');
  const start = lines.findIndex((line) => line.trimEnd().endsWith(`${block}:`));
  const depth = (/^ */.exec(lines[start] ?? '')?.[0].length ?? 0) + 2;
  const keys: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    if (line.trim() !== '' && indent < depth) break;
    if (indent === depth) keys.push(line.trim().replace(/:.*/, ''));
  }
  return keys;
}

function runAction(inputs: Record<string, string>) {
  const output = join(workspace, '.output');
  writeFileSync(output, '');
  const env = { ...process.env, GITHUB_ACTION_PATH: root, GITHUB_OUTPUT: output, ...inputs };
  const { status, stdout, stderr } = spawnSync('bash', [join(root, 'scripts', 'action.sh')], {
    cwd: workspace,
    env,
    encoding: 'utf8',
  });
  const told = readFileSync(output, 'utf8');
  rmSync(output);
  return { status, stdout, stderr, told };
}

describe('the GitHub Action', () => {
  const action = read('action.yml');
  const script = read('scripts/action.sh');

  it('hands every input to the step by the environment, and none to the shell', () => {
    const inputs = keysBelow(action, 'inputs');
    expect(inputs).toEqual(['path', 'fail-on', 'strict', 'format', 'sarif-file', 'policy', 'jobs']);
    for (const input of inputs) {
      const variable = `INPUT_${input.replaceAll('-', '_').toUpperCase()}`;
      expect(action).toContain(`        ${variable}: \${{ inputs.${input} }}\n`);
      expect(script).toContain(`\${${variable}`);
    }
    expect(action.split('\n').filter((line) => /^ +run:/.test(line) && line.includes('${{'))).toEqual([]);
  });

  it('runs what is there, with options that the command has', () => {
    expect(action).toContain('  using: composite\n');
    const named = [...`${action}${script}`.matchAll(/\$GITHUB_ACTION_PATH\/([\w./-]+)/g)].map(([, path = '']) => path);
    expect(named.toSorted()).toEqual(['bin/weighhouse.mjs', 'scripts/action.sh']);
    for (const path of named) expect(existsSync(join(root, path)), path).toBe(true);
    const known = scanCommand().options.map(({ long }) => long);
    const used = [...script.matchAll(/(?<=[( ])--[a-z][a-z-]+/g)].map(([option]) => option);
    expect(used.length).toBe(6);
    for (const option of used) expect(known).toContain(option);
  });

  it.each([
    [{ INPUT_PATH: '.' }, 1],
    [{ INPUT_PATH: 'good one.pkl' }, 0],
    [{ INPUT_PATH: 'good one.pkl\r\nodd.pkl\n\n' }, 3],
    [{ INPUT_PATH: 'odd.pkl', INPUT_FAIL_ON: 'dangerous' }, 0],
    [{ INPUT_PATH: 'notes' }, 0],
    [{ INPUT_PATH: 'notes', INPUT_STRICT: 'true' }, 2],
    [{ INPUT_PATH: '--version' }, 2],
    [{ INPUT_PATH: '$(touch pwned); `touch pwned`' }, 2],
    [{ INPUT_PATH: '.', INPUT_FAIL_ON: 'never' }, 64],
  ])('with %j ends with %i', (inputs, code) => {
    const { status, told } = runAction(inputs as Record<string, string>);
    expect(status).toBe(code);
    expect(told).toBe(`exit-code=${code}\n`);
    expect(readdirSync(workspace)).not.toContain('pwned');
  });

  it('writes SARIF beside its log', () => {
    const { status, stdout } = runAction({ INPUT_PATH: 'evil.ckpt', INPUT_SARIF_FILE: 'out.sarif' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^DANGEROUS/);
    const sarif = JSON.parse(readFileSync(join(workspace, 'out.sarif'), 'utf8'));
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'pickle/global-dangerous', level: 'error' });
    rmSync(join(workspace, 'out.sarif'));
  });
});

describe('the pre-commit hook', () => {
  const hooks = read('.pre-commit-hooks.yaml');
  const entry = /^ {2}entry: (.+)$/m.exec(hooks)?.[1] ?? '';

  it('names a program that can be run', () => {
    expect(hooks).toMatch(/^- id: weighhouse-scan\n/);
    expect(hooks).toMatch(/^ {2}language: script$/m);
    accessSync(join(root, entry), constants.X_OK);
    expect(read(entry)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('is asked about model files, whatever their letters', () => {
    const pattern = /^ {2}files: \(\?i\)(.+)$/m.exec(hooks)?.[1] ?? '';
    const inspected = [...endingsOf('safetensors', 'torch', 'pickle', 'numpy'), 'keras', 'nemo', 'mar', 'skops'];
    const unfinished = [...UNFINISHED.keys()].join('|');
    expect(pattern).toBe(`\\.(${inspected.join('|')})(-\\d+)?(\\.(${unfinished}))?$`);
    const files = new RegExp(pattern, 'i');
    for (const name of [
      'a/b.ckpt',
      'x.PT',
      'x.safetensors',
      'x.bin',
      'x.joblib',
      '.metadata',
      'a.ckpt-1000',
      'a.pt.part',
    ])
      expect(files.test(name)).toBe(true);
    for (const name of ['a.py', 'ckpt', 'x.bin.txt']) expect(files.test(name)).toBe(false);
  });

  it.each([
    [['good one.pkl'], 0],
    [['--fail-on', 'dangerous', 'good one.pkl', 'odd.pkl'], 0],
    [['good one.pkl', 'evil.ckpt'], 1],
  ])('with %j ends with %i', (args, code) => {
    expect(spawnSync(process.execPath, [join(root, entry), ...args], { cwd: workspace }).status).toBe(code);
  });
});

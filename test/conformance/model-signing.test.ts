import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeyFiles, loadSigningKey, signModel } from '#lib/signing/index.ts';
import { HANG_MS } from '../support/limits.ts';

const SCRIPT = join(import.meta.dirname, 'python/model-signing.py');
const python = [process.env.WEIGHHOUSE_SIGNING_PYTHON ?? [], process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import model_signing'], { stdio: 'ignore' }).status === 0);
if (python === undefined)
  console.warn(
    'No python3 with model_signing here (WEIGHHOUSE_SIGNING_PYTHON): the real verifier of signatures is left out.',
  );

const folder = mkdtempSync(join(tmpdir(), 'weighhouse signed '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const within = (name: string) => join(folder, name);

const scan = {
  verdict: 'clean',
  rules: '2026-11-30',
  convertedFrom: { name: 'ü.ckpt', sha256: 'c'.repeat(64) },
} as const;

/** A model and its signature by the key, which `change` may tamper with. */
function makeSigned(name: string, key: string, change: (bundle: string) => string = (bundle) => bundle): string[] {
  const bytes = Buffer.from(`weights of ${name}`);
  writeFileSync(within(name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(within(`${name}.sig`), change(signModel({ name, sha256, scan }, loadSigningKey(within(key)))));
  return [within(name), within(`${name}.sig`), within(key.replace('.key', '.pub'))];
}

function makeCurve(name: string, namedCurve: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  writeFileSync(within(`${name}.key`), privateKey.export({ type: 'sec1', format: 'pem' }));
  writeFileSync(within(`${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
}

function changeVerdict(bundle: string): string {
  const parsed = JSON.parse(bundle);
  const statement = Buffer.from(parsed.dsseEnvelope.payload, 'base64').toString();
  expect(statement).toContain('"clean"');
  parsed.dsseEnvelope.payload = Buffer.from(statement.replace('"clean"', '"other"')).toString('base64');
  return JSON.stringify(parsed);
}

/** What the verifier says of each model, signature and public key: null, or why it is refused. */
function askVerifier(cases: readonly (string | undefined)[][]): (string | null)[] {
  const { stdout, stderr, status } = spawnSync(python ?? '', ['-I', SCRIPT], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    timeout: HANG_MS,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(python === undefined)('signatures, by the verifier of model_signing', () => {
  it('hold for the file under any name, with keys on each curve', () => {
    createKeyFiles(within('a.key'), within('a.pub'));
    makeCurve('p384', 'secp384r1');
    makeCurve('p521', 'secp521r1');
    const renamed = makeSigned('before.safetensors', 'a.key');
    renameSync(renamed[0] ?? '', within('after ü #1.safetensors'));
    const good = [
      makeSigned('ünïcode "quoted" \u202e.safetensors', 'a.key'),
      makeSigned('of p384.safetensors', 'p384.key'),
      makeSigned('of p521.safetensors', 'p521.key'),
      [within('after ü #1.safetensors'), ...renamed.slice(1)],
    ];
    expect(askVerifier(good)).toEqual(good.map(() => null));
  });

  it('hold for no other file, key or verdict', () => {
    createKeyFiles(within('b.key'), within('b.pub'));
    createKeyFiles(within('c.key'), within('c.pub'));
    const changed = makeSigned('changed.safetensors', 'b.key');
    writeFileSync(changed[0] ?? '', 'other weights');
    const [model, signature] = makeSigned('model.safetensors', 'b.key');
    const bad = [
      changed,
      [model, signature, within('c.pub')],
      makeSigned('claims.safetensors', 'b.key', changeVerdict),
    ];
    expect(askVerifier(bad)).toEqual([
      expect.stringMatching(/Hash mismatch/),
      expect.stringMatching(/Key mismatch/),
      expect.stringMatching(/^InvalidSignature/),
    ]);
  });
});

import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeyFiles, loadSigningKey, signModel } from '#lib/signing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse keys '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const within = (name: string) => join(folder, name);

describe('keys', () => {
  it('are for their owner alone, and are never overwritten', () => {
    createKeyFiles(within('a.key'), within('a.pub'));
    if (process.platform !== 'win32') expect(statSync(within('a.key')).mode & 0o777).toBe(0o600);
    const before = readFileSync(within('a.key'), 'utf8');
    expect(before).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(() => createKeyFiles(within('a.key'), within('c.pub'))).toThrow('already exists');
    expect(() => createKeyFiles(within('c.key'), within('a.pub'))).toThrow('already exists');
    expect(readFileSync(within('a.key'), 'utf8')).toBe(before);
    expect([existsSync(within('c.key')), existsSync(within('c.pub'))]).toEqual([false, false]);
  });

  it('of other kinds are refused', () => {
    const write = (name: string, text: string | Buffer) => writeFileSync(within(name), text);
    const { privateKey } = generateKeyPairSync('ed25519');
    write('ed25519', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    write('k1', k1.export({ type: 'pkcs8', format: 'pem' }));
    write('encrypted', k1.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }));
    write('text', 'no key');
    for (const name of ['ed25519', 'k1']) expect(() => loadSigningKey(within(name))).toThrow('P-256');
    expect(() => loadSigningKey(within('encrypted'))).toThrow('encrypted');
    expect(() => loadSigningKey(within('text'))).toThrow('PEM');
    expect(() => loadSigningKey(within('none'))).toThrow('ENOENT');
  });
});

it('a signature covers digest and verdict, and says which key it is by', () => {
  const { hint } = createKeyFiles(within('s.key'), within('s.pub'));
  const sha256 = createHash('sha256').update('weights').digest('hex');
  const scan = { verdict: 'clean', rules: '2026-11-30' } as const;
  const bundle = JSON.parse(signModel({ name: 'a\ud800.safetensors', sha256, scan }, loadSigningKey(within('s.key'))));
  expect(bundle.verificationMaterial.publicKey.hint).toBe(hint);
  const { payload, payloadType, signatures } = bundle.dsseEnvelope;
  const bytes = Buffer.from(payload, 'base64');
  const signed = Buffer.from(`DSSEv1 28 ${payloadType} ${bytes.length} ${bytes}`);
  const publicKey = createPublicKey(readFileSync(within('s.pub')));
  expect(verify('sha256', signed, publicKey, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
  const statement = JSON.parse(bytes.toString());
  expect(statement).toMatchObject({
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: { resources: [{ name: '.', digest: sha256 }], scan: { scanner: { name: 'weighhouse' }, ...scan } },
  });
  const root = createHash('sha256').update(Buffer.from(sha256, 'hex')).digest('hex');
  expect(statement.subject).toEqual([{ name: 'a\ufffd.safetensors', digest: { sha256: root } }]);
});

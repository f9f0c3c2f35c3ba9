import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../errors.ts';

/** The curves of the model-signing format, as OpenSSL calls them, with the digest that each is used with. */
const DIGESTS = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' } as const;

type Curve = keyof typeof DIGESTS;

export interface SigningKey {
  key: KeyObject;
  digest: (typeof DIGESTS)[Curve];
  /** SHA-256 of the public key as PEM: what a signature says about the key that verifies it. */
  hint: string;
}

/** Makes a key pair on P-256: the private key for its owner's eyes alone, and the public key. Never overwrites one. */
export function createKeyFiles(privatePath: string, publicPath: string): { hint: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const publicPem = toPem(publicKey);
  writeNew(privatePath, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  try {
    writeNew(publicPath, publicPem, 0o644);
  } catch (error) {
    rmSync(privatePath);
    throw error;
  }
  return { hint: hintOf(publicPem) };
}

function writeNew(path: string, text: string, mode: number): void {
  const file = openNew(path, mode);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

function openNew(path: string, mode: number): number {
  try {
    return openSync(path, 'wx', mode);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    throw new AppError('conflict', `${path} already exists. Keys are never overwritten; choose another name.`);
  }
}

/** Reads a private key in PEM. Throws AppError for what is no key of the model-signing format, and the system's errors. */
export function loadSigningKey(path: string): SigningKey {
  const key = parseKey(readFileSync(path), path);
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  if (key.asymmetricKeyType !== 'ec' || !Object.hasOwn(DIGESTS, curve))
    throw new AppError('bad_request', `${path} is not a key on P-256, P-384 or P-521.`);
  return { key, digest: DIGESTS[curve as Curve], hint: hintOf(toPem(createPublicKey(key))) };
}

function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const isEncrypted = isSystemError(error, 'ERR_MISSING_PASSPHRASE');
    const why = isEncrypted ? 'is encrypted; use a key without a passphrase' : 'is not a private key in PEM format';
    throw new AppError('bad_request', `${path} ${why}.`, { cause: error });
  }
}

function toPem(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function hintOf(publicPem: string): string {
  return createHash('sha256').update(publicPem).digest('hex');
}

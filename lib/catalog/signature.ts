import type { Actor } from '../accounts/index.ts';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { loadSigningKey, type SigningKey, signModel } from '../signing/index.ts';
import { findConvertedFile } from './download.ts';

/** A few kilobytes each. */
const MAX_KEPT = 1000;

let loaded: { path: string; key: SigningKey } | undefined;
/** By what is signed. No two signatures of the same are alike, and the parts of a download must be of one. */
const kept = new Map<string, string>();

/**
 * The signature of what `findConverted` finds, for whoever may have that, with the verdict on the file that it was converted
 * from. Throws AppError `not_found` where the operator has set no key.
 */
export async function findSignature(actor: Actor | null, versionId: number): Promise<string> {
  const { file, download } = await findConvertedFile(actor, versionId);
  const { signingKey } = config();
  if (signingKey === null) throw new AppError('not_found', 'This catalog does not sign files.');
  const { state, rules, filename, sourceSha256 } = file;
  if (state === 'quarantined' || state === 'scanning' || rules === null)
    throw new AppError('conflict', 'This file is still being scanned. Try again later.');
  const convertedFrom = { name: filename, sha256: sourceSha256 };
  const model = { name: download.filename, sha256: download.sha256, scan: { verdict: state, rules, convertedFrom } };
  const key = readKey(signingKey);
  const id = JSON.stringify([key.hint, model]);
  const signature = kept.get(id) ?? signModel(model, key);
  kept.set(id, signature);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
  return signature;
}

function readKey(path: string): SigningKey {
  if (loaded?.path === path) return loaded.key;
  try {
    loaded = { path, key: loadSigningKey(path) };
    return loaded.key;
  } catch (error) {
    log('catalog').error({ error: (error as Error).message }, 'The key in WEIGHHOUSE_SIGNING_KEY cannot be used.');
    throw new AppError('unavailable', 'The file cannot be signed. Contact the administrator.', { cause: error });
  }
}

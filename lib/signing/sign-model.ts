import { createHash, sign } from 'node:crypto';
import type { Verdict } from '#scanner/report/index.ts';
import { VERSION } from '../version.ts';
import type { SigningKey } from './keys.ts';

/** What a signature says of the scan, besides which bytes it is for. */
export interface SignedScan {
  verdict: Verdict;
  /** Version of the rules that the verdict rests on. */
  rules: string;
  /** The file that was scanned, where the signed one was converted from it and compared with it, tensor by tensor. */
  convertedFrom?: { name: string; sha256: string };
}

interface SignedModel {
  name: string;
  /** Hexadecimal. */
  sha256: string;
  scan: SignedScan;
}

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/**
 * The signature of a model of one file in the OpenSSF model-signing format, v1.0: a Sigstore bundle with a DSSE envelope,
 * in it an in-toto statement. The verdict is part of its predicate, in a field of our own: verifiers ignore those that they
 * do not know. The name is not verified, so the file may be renamed.
 */
export function signModel({ name, sha256, scan }: SignedModel, { key, digest, hint }: SigningKey): string {
  const fileDigest = Buffer.from(sha256, 'hex');
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: name.toWellFormed(), digest: { sha256: createHash('sha256').update(fileDigest).digest('hex') } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ignore_paths: [] },
      // A model that is a file, and no folder, has no path within itself.
      resources: [{ name: '.', algorithm: 'sha256', digest: sha256 }],
      scan: { scanner: { name: 'weighhouse', version: VERSION }, ...scan },
    },
  };
  const payload = Buffer.from(JSON.stringify(statement));
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: sign(digest, preAuthenticate(payload), key).toString('base64'), keyid: '' }],
    },
  });
}

/** What is signed of an envelope (DSSE v1): its type and its payload, each after its length. */
function preAuthenticate(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

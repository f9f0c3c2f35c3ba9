import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'conformance', 'goldens', 'tokenizer');

/** What `test/conformance/python/tokenizer_goldens.py` wrote under that name. */
export function readGolden<T>(name: string): T {
  return JSON.parse(gunzipSync(readFileSync(join(FOLDER, `${name}.json.gz`))).toString('utf8')) as T;
}

/** One prompt as A1111 reads it, with the few differences that lib/render/prompt names. */
export interface ParsedGolden {
  prompt: string;
  padId: number;
  embeddings: [token: string, vectors: number][];
  loras: { name: string; unet: number; text: number }[];
  ignored: string[];
  /** Null for a break. */
  pieces: ([text: string, weight: number] | null)[];
  chunks: { ids: number[]; weights: number[]; vectors: [position: number, embedding: number, row: number][] }[];
}

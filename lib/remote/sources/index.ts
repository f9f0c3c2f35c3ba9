import { withoutQuery } from '../public-address.ts';
import { findOnCivitai } from './civitai.ts';
import { findOnHuggingFace } from './hugging-face.ts';
import type { Source } from './parse.ts';
import { type Asking, type FoundSource, NO_DETAILS } from './source.ts';

export { parseSource, type Source } from './parse.ts';
export type { Asking, DigestName, FoundSource } from './source.ts';

/** Asks where the files are and what the source says of them. Throws RemoteError. */
export async function findSource(source: Source, asking: Asking): Promise<FoundSource> {
  switch (source.kind) {
    case 'civitai':
      return await findOnCivitai(source, asking);
    case 'huggingface':
      return await findOnHuggingFace(source, asking);
    case 'url':
      // The answer may bring another name.
      return {
        files: [{ url: source.url, filename: nameInPath(source.url), size: null, digests: {} }],
        details: { ...NO_DETAILS, page: withoutQuery(source.url) },
      };
  }
}

function nameInPath(address: string): string {
  const last = URL.parse(address)?.pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'model';
  } catch {
    return last;
  }
}

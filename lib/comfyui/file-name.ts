import { contentsByName, withoutModelEnding } from '#scanner/model-files.ts';

/** The folder below each of ComfyUI's that holds what Weighhouse put there. */
export const OUR_FOLDER = 'weighhouse';

const MAX_STEM = 80;
const OUR_NAME = /^[0-9a-f]{10}-[A-Za-z0-9._-]+\.safetensors$/;

/** The name that Weighhouse gives a file: `<first 10 of its SHA-256>-<its name>.safetensors`, in letters that every system takes. */
export function placedName(file: { name: string; sha256: string }): string {
  const safe = file.name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, MAX_STEM);
  return `${file.sha256.slice(0, 10)}-${safe || 'model'}.safetensors`;
}

/** Whether a name in ComfyUI's lists is one that Weighhouse gave, whether it was linked or sent. */
export function isOurs(listed: string): boolean {
  const parts = listed.split(/[\\/]/);
  return parts.includes(OUR_FOLDER) || OUR_NAME.test(parts.at(-1) ?? '');
}

/** The last part of a name in ComfyUI's lists, which have the server's own separators. */
export function lastPart(listed: string): string {
  return listed.split(/[\\/]/).at(-1) ?? '';
}

/** A listed name without the ending of a safetensors file, as ComfyUI lists embeddings; with any other ending as it is. */
export function withoutEnding(listed: string): string {
  return contentsByName(listed) === 'safetensors' ? withoutModelEnding(listed) : listed;
}

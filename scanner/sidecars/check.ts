import type { SidecarKind } from './names.ts';

/** The largest sidecar, in bytes: real ones are texts of kilobytes and pictures of at most a few megabytes. */
export const MAX_SIDECAR_BYTES = 8 * 1024 * 1024;

const PICTURES: readonly [string, (bytes: Buffer) => boolean][] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))],
  ['image/webp', (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP'],
];

/**
 * The media type of a sidecar whose content is what its name says; null for any other, which then goes the way of every
 * upload and is scanned. A picture goes by its first bytes, JSON must parse, everything else must be text.
 */
export function checkSidecar(kind: SidecarKind, bytes: Buffer): string | null {
  if (bytes.length === 0 || bytes.length > MAX_SIDECAR_BYTES) return null;
  if (kind === 'preview') return PICTURES.find(([, matches]) => matches(bytes))?.[0] ?? null;
  const text = readText(bytes);
  if (text === null) return null;
  if (kind === 'config' || kind === 'text') return 'text/plain';
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? 'application/json' : null;
  } catch {
    return null;
  }
}

function readText(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

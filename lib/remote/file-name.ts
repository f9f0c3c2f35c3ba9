import { parse } from 'content-disposition';
import type { RemoteAnswer } from '../safe-fetch/index.ts';

/** The name that an answer gives its file; null where it gives none. Only the last part of a path is one. */
export function fileNameOf({ headers }: RemoteAnswer): string | null {
  const header = headers['content-disposition'];
  if (header === undefined) return null;
  try {
    return parse(header).parameters.filename?.split(/[\\/]/).at(-1)?.trim() || null;
  } catch {
    return null;
  }
}

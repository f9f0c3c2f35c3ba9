const MAX_LENGTH = 255;

/**
 * The name of an uploaded file as it is kept and shown: the last part of a path, without control characters, at most
 * 255 characters. It is text only; the bytes lie under their SHA-256.
 */
export function cleanFilename(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(/\p{C}/gu, '').trim().slice(0, MAX_LENGTH);
  return clean === '' || clean === '.' || clean === '..' ? 'unnamed' : clean;
}

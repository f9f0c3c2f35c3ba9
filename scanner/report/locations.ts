import { posix, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How SARIF calls the folder that relative locations start from. */
export const BASE = '%SRCROOT%';

export interface ArtifactLocation {
  uri: string;
  uriBaseId?: string;
}

const isWindows = process.platform === 'win32';

/** Of a file: relative to `root` where it lies below it, else as a `file:` URI. Two paths never get the same one. */
export function locationOf(path: string, root: string, windows = isWindows): ArtifactLocation {
  const { relative, resolve, sep, isAbsolute } = windows ? win32 : posix;
  const whole = resolve(root, path);
  const within = relative(root, whole);
  const isBelow = within !== '' && within !== '..' && !within.startsWith(`..${sep}`) && !isAbsolute(within);
  if (isBelow) return { uri: encodePath(within.split(sep)), uriBaseId: BASE };
  return { uri: windows ? pathToFileURL(whole, { windows }).href : `file://${encodePath(whole.split(sep))}` };
}

/** Of a folder, with the slash at its end that URIs need which others are relative to. */
export function folderUri(path: string, windows = isWindows): string {
  return `${pathToFileURL(path, { windows }).href.replace(/\/$/, '')}/`;
}

function encodePath(parts: readonly string[]): string {
  return parts
    .map((part) =>
      part
        .split(/(\p{Cs})/u)
        .map(encodeText)
        .join(''),
    )
    .join('/');
}

/** Windows allows halves of surrogate pairs in names. No UTF-8 has them, so they keep their own three bytes. */
function encodeText(text: string): string {
  if (text.isWellFormed()) return encodeURIComponent(text);
  const unit = text.charCodeAt(0);
  const bytes = [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join('');
}

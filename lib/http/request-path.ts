/**
 * The path of a request's target with its percent encodings read, segment by segment. Null where it cannot be read: an
 * encoding that is none or no UTF-8, a NUL, or no path at all.
 */
export function readPath(target: string): string | null {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? [];
  if (!path.startsWith('/')) return null;
  try {
    const decoded = path.split('/').map(decodeURIComponent).join('/');
    return decoded.includes('\0') ? null : decoded;
  } catch {
    return null;
  }
}

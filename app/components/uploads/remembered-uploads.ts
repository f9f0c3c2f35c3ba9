const PREFIX = 'weighhouse-upload ';
/** As long as the server keeps an unfinished upload. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** What tells a selected file from others, in every tab and after a reload. */
export function fingerprintOf(file: File, path: string, modelId: number | null): string {
  return [modelId ?? '', file.size, file.lastModified, path].join(' ');
}

/** The unfinished upload of a file, by its fingerprint; null where none is known. */
export function recallUpload(fingerprint: string): string | null {
  const entry = read(`${PREFIX}${fingerprint}`);
  return entry !== null && Date.now() - entry.at < KEPT_MS ? entry.id : null;
}

/** Remembers which upload a file goes to, so that it resumes when the file is selected again. Drops what has expired. */
export function rememberUpload(fingerprint: string, id: string): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && Date.now() - (read(key)?.at ?? 0) >= KEPT_MS) localStorage.removeItem(key);
    }
    localStorage.setItem(`${PREFIX}${fingerprint}`, JSON.stringify({ id, at: Date.now() }));
  } catch {
    // Without storage an upload does not resume after a reload, and that is all.
  }
}

export function forgetUpload(fingerprint: string): void {
  try {
    localStorage.removeItem(`${PREFIX}${fingerprint}`);
  } catch {
    // There is no storage.
  }
}

function read(key: string): { id: string; at: number } | null {
  try {
    const { id, at } = JSON.parse(localStorage.getItem(key) ?? 'null') as { id: unknown; at: unknown };
    return typeof id === 'string' && typeof at === 'number' ? { id, at } : null;
  } catch {
    return null;
  }
}

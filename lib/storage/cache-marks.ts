import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Marks of a cache folder that several processes share: files that say by their name what somebody does with a blob, and
 * by their time that they still do. A mark that is not renewed is one of a process that died.
 */
export type MarkKind = 'use' | 'bring';

export interface Mark {
  remove(): Promise<void>;
}

const RENEW_MS = 10_000;
const STALE_MS = 60_000;

/** Makes a mark and renews it until it is removed. `size` is what is going to lie there, in bytes. */
export async function createMark(folder: string, sha256: string, kind: MarkKind, size = 0): Promise<Mark> {
  const path = join(await ensureMarksFolder(folder), `${sha256}.${kind}.${randomUUID()}`);
  await writeFile(path, String(size));
  const renewing = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => {});
  }, RENEW_MS);
  renewing.unref();
  return {
    async remove() {
      clearInterval(renewing);
      await rm(path, { force: true });
    },
  };
}

/** Whether somebody uses or downloads this blob now. */
export async function isMarked(folder: string, sha256: string, kind: MarkKind): Promise<boolean> {
  return (await listMarks(folder)).some((mark) => mark.sha256 === sha256 && mark.kind === kind);
}

/** The marks of living processes. Those of dead ones are removed. */
export async function listMarks(folder: string): Promise<{ sha256: string; kind: string; size: number }[]> {
  const marks = await ensureMarksFolder(folder);
  const found = [];
  for (const name of await readdir(marks)) {
    const path = join(marks, name);
    // Gone meanwhile, as often as not.
    const time = await stat(path).catch(() => null);
    if (time === null) continue;
    if (Date.now() - time.mtimeMs > STALE_MS) {
      await rm(path, { force: true });
      continue;
    }
    const [sha256 = '', kind = ''] = name.split('.');
    found.push({ sha256, kind, size: Number(await readFile(path, 'utf8').catch(() => '0')) });
  }
  return found;
}

async function ensureMarksFolder(folder: string): Promise<string> {
  const marks = join(folder, 'marks');
  await mkdir(marks, { recursive: true });
  return marks;
}

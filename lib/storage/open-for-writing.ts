import { readdir, readFile, stat } from 'node:fs/promises';
import { Batcher, type Question } from '../batcher.ts';

/** `O_ACCMODE` of Linux: what of a handle's flags says whether it writes. */
const ACCESS_MODE = 0o3;

/**
 * Whether a process has this file open for writing, by `/proc`: this one, and those of its user (all of them, as root).
 * Others cannot open what belongs to this one, root apart. Null where the system does not tell.
 */
export async function isOpenForWriting(path: string): Promise<boolean | null> {
  if (process.platform !== 'linux') return null;
  const { dev, ino } = await stat(path, { bigint: true });
  return await looking.run(`${dev}:${ino}`);
}

/** Those who ask while one look goes through all processes are answered by the next one, together. */
const looking = new Batcher(async (questions: readonly Question<string, boolean>[]) => {
  const open = await findOpen(new Set(questions.map(({ item }) => item)));
  for (const { item, resolve } of questions) resolve(open.has(item));
});

async function findOpen(wanted: ReadonlySet<string>): Promise<Set<string>> {
  const found = new Set<string>();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    // A process that has ended, or is another user's.
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
    await Promise.all(
      handles.map(async (handle) => {
        const file = await stat(`/proc/${pid}/fd/${handle}`, { bigint: true }).catch(() => null);
        if (file === null || !wanted.has(`${file.dev}:${file.ino}`)) return;
        const info = await readFile(`/proc/${pid}/fdinfo/${handle}`, 'latin1').catch(() => '');
        const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
        if ((flags & ACCESS_MODE) !== 0) found.add(`${file.dev}:${file.ino}`);
      }),
    );
  }
  return found;
}

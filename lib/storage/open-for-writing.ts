import { constants, readFileSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { Batcher, type Question } from '../batcher.ts';

/** `O_ACCMODE` of Linux: what of a handle's flags says whether it writes. */
const ACCESS_MODE = 0o3;

/** A file, by what `stat` says, and by its number in the list of handles; null where Linux (before 5.14) has none there. */
interface Wanted {
  file: string;
  number: string | null;
}

/**
 * Whether a process has this file open for writing, by `/proc`: this one, and those of its user (all of them, as root).
 * Others cannot open what belongs to this one, root apart. Null where the system does not tell.
 */
export async function isOpenForWriting(path: string): Promise<boolean | null> {
  if (process.platform !== 'linux') return null;
  // As long as it is open here, its number is the same in every process; on some file systems it is not that of `stat`.
  // A pipe that somebody put in its place would never open.
  await using own = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { dev, ino } = await own.stat({ bigint: true });
  const { number = null } = readHandle(`/proc/self/fdinfo/${own.fd}`) ?? {};
  return await looking.run({ file: `${dev}:${ino}`, number });
}

/** Those who ask while one look goes through all processes are answered by the next one, together. */
const looking = new Batcher(async (questions: readonly Question<Wanted, boolean>[]) => {
  const found = await findOpen(questions.map(({ item }) => item));
  for (const { item, resolve } of questions) resolve(found.has(item.file));
});

async function findOpen(wanted: readonly Wanted[]): Promise<Set<string>> {
  const numbers = new Set(wanted.map(({ number }) => number));
  const files = new Set(wanted.map(({ file }) => file));
  const found = new Set<string>();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    // A process that has ended, or is another user's.
    const handles = await readdir(`/proc/${pid}/fdinfo`).catch(() => []);
    for (const handle of handles) {
      const info = readHandle(`/proc/${pid}/fdinfo/${handle}`);
      if (info === null || !info.writes || !(numbers.has(info.number) || numbers.has(null))) continue;
      const file = await stat(`/proc/${pid}/fd/${handle}`, { bigint: true }).catch(() => null);
      const name = file === null ? '' : `${file.dev}:${file.ino}`;
      if (files.has(name)) found.add(name);
    }
  }
  return found;
}

/**
 * What the system itself knows of a handle. Asking the disk that its file lies on takes many times longer, there are hundreds,
 * and that disk may be away. Null for one that is closed by now.
 */
function readHandle(path: string): { writes: boolean; number: string | null } | null {
  try {
    const text = readFileSync(path, 'latin1');
    const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? '0', 8);
    return { writes: (flags & ACCESS_MODE) !== 0, number: /^ino:\s*(\d+)/m.exec(text)?.[1] ?? null };
  } catch {
    return null;
  }
}

import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRunning } from '../process/index.ts';

/** How long a server that was left behind may take for its orderly end. */
const STOP_MS = 10_000;
/** How long the system may take to remove processes that were killed. */
const GONE_MS = 10_000;
const LOOK_MS = 100;

/**
 * Ends whatever still runs on the data folder. After `kill -9` of the service the server lives on: it is asked to stop
 * (SIGINT: a fast shutdown that loses nothing committed), and killed after ten seconds. After `kill -9` of the server
 * itself its backends may live on, attached to its shared memory, and a new server refuses to start beside them: they
 * have nobody left to commit to, and are killed.
 */
export async function stopLeftover(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  if (existsSync(pidFile)) {
    const pid = Number.parseInt((await readFile(pidFile, 'utf8')).split('\n', 1)[0] ?? '', 10);
    const isOurs = () => isPostgresOf(pid, folder);
    if (pid > 1 && (await isOurs())) {
      signal(pid, 'SIGINT');
      await waitWhile(async () => isRunning(pid) && (await isOurs()), STOP_MS);
      if (isRunning(pid) && (await isOurs())) signal(pid, 'SIGKILL');
    }
  }
  for (const pid of await processesIn(folder)) signal(pid, 'SIGKILL');
  await waitWhile(async () => (await processesIn(folder)).length > 0, GONE_MS);
  // Last: it names the shared memory by which a server sees that another one's backends are still there.
  if ((await processesIn(folder)).length === 0) await rm(pidFile, { force: true });
}

async function waitWhile(condition: () => Promise<boolean>, most: number): Promise<void> {
  for (let waited = 0; waited < most && (await condition()); waited += LOOK_MS) await wait(LOOK_MS);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** A process id may belong to somebody else by now; where the system tells, its command line must name our folder. */
async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(folder);
  } catch {
    return process.platform !== 'linux';
  }
}

/**
 * PostgreSQL's processes whose working directory is the data folder, which it is for each of them. Empty where the
 * system does not tell: there a new server is refused, and tried again, until they have noticed and ended themselves.
 */
async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const place = await realpath(folder).catch(() => folder);
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 1);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [cwd, program] = await Promise.all(['cwd', 'exe'].map((name) => readlink(`/proc/${pid}/${name}`))).catch(
        () => [],
      );
      return cwd === place && program !== undefined && basename(program).startsWith('postgres');
    }),
  );
  return pids.filter((_, index) => found[index]);
}

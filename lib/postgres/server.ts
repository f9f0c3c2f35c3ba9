import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { findPrograms, type Programs } from './programs.ts';
import { canReach, findPostgresUser, type SystemUser } from './system-user.ts';

export interface ServerOptions {
  /** Of the data, made when new. Only the last folder of the path is made. */
  folder: string;
  port: number;
  /** The database's administrator. */
  user: string;
  password: string;
  /** Ends it without any order, whether it is ready yet or not. */
  kill?: AbortSignal | undefined;
}

export interface Server {
  pid: number;
  /** Resolves when its process has ended: how, and the last of what it printed. */
  ended: Promise<{ how: string; output: string }>;
  /** Ends it in order: open connections are closed, and nothing committed is lost. */
  stop(): Promise<void>;
}

/** Who runs PostgreSQL, from where, and the name that it has for its data folder. */
interface Place {
  programs: Programs;
  user: SystemUser | null;
  folder: string;
  dataName: string;
}

const READY = 'database system is ready to accept connections';
/** An orderly end has to write all that is only in memory yet. */
const KILL_AFTER_MS = 120_000;
const LAST_WORDS_MS = 500;
/** Of what the server says, for the sentence about why it did not start. */
const MAX_OUTPUT = 20_000;

/** The working directory by a name that needs no walk through the folders above it, which Linux has. */
export const WORKING_FOLDER = '/proc/self/cwd';

/** Starts PostgreSQL on `folder`. Throws AppError `unavailable`, or an Error with what the programs said. */
export async function startServer({ folder, port, user: owner, password, kill }: ServerOptions): Promise<Server> {
  const user = await findPostgresUser();
  const programs = await findPrograms(user);
  if (!existsSync(join(folder, 'PG_VERSION'))) await initializeData(programs, user, { folder, owner, password });

  const place = await placeOf(programs, user, folder);
  const settings = {
    port,
    // Loopback only, and no socket file: its folder would have to be writable and its path short.
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    // Who looks at the process sees whose it is.
    'weighhouse.data_folder': folder,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawnAt(place, programs.postgres, ['-D', place.dataName, ...flags]);
  const output = collectOutput(server);
  const killNow = () => server.kill('SIGKILL');
  kill?.addEventListener('abort', killNow);
  const stopAtExit = () => server.kill('SIGINT');
  process.on('exit', stopAtExit);
  const ended = untilEnded(server).then((how) => {
    process.off('exit', stopAtExit);
    kill?.removeEventListener('abort', killNow);
    return { how, output: output() };
  });
  await waitForOutput(server, READY);

  return {
    pid: server.pid ?? 0,
    ended,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      if (process.platform === 'win32') spawn('taskkill', ['/pid', String(server.pid), '/f', '/t']);
      else server.kill('SIGINT');
      const deadline = setTimeout(() => server.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(deadline);
    },
  };
}

/**
 * Resolves with how the process ended. Its output is waited for a moment only: after `kill -9` its own children may
 * live on, with the pipes open.
 */
async function untilEnded(child: ChildProcess): Promise<string> {
  const closed = once(child, 'close').catch(() => {});
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...how) => resolve(how));
    child.once('error', () => resolve([null, null]));
  });
  await Promise.race([closed, wait(LAST_WORDS_MS, undefined, { ref: false })]);
  return signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
}

/** Made next to its place and moved there when whole: what an interrupted run leaves behind would never start. */
async function initializeData(
  programs: Programs,
  user: SystemUser | null,
  { folder, owner, password }: Omit<ServerOptions, 'port' | 'user' | 'kill'> & { owner: string },
): Promise<void> {
  const unfinished = `${folder}.new`;
  const passwordFile = `${folder}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (user !== null) await Promise.all([unfinished, passwordFile].map((path) => chown(path, user.uid, user.gid)));

    const place = await placeOf(programs, user, unfinished);
    // Opened here, because its user cannot walk to it where the data folder is closed.
    await using secret = await open(passwordFile);
    const hasName = place.dataName === unfinished;
    const flags = [
      `--pgdata=${place.dataName}`,
      '--auth=scram-sha-256',
      `--username=${owner}`,
      `--pwfile=${hasName ? passwordFile : '/proc/self/fd/0'}`,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      '--lc-messages=C',
    ];
    await waitUntilDone(spawnAt(place, programs.initdb, flags, hasName ? 'ignore' : secret.fd));
    await rename(unfinished, folder);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** How `user` gets to the folder: by its path, or, where a folder above it is closed, by the working directory. */
async function placeOf(programs: Programs, user: SystemUser | null, folder: string): Promise<Place> {
  if (user === null || (await canReach(folder, user))) return { programs, user, folder, dataName: folder };
  if (existsSync(WORKING_FOLDER)) return { programs, user, folder, dataName: WORKING_FOLDER };
  throw new AppError(
    'unavailable',
    `PostgreSQL refuses to run as root, and the user ${user.name} cannot walk to ${dirname(folder)}. Set WEIGHHOUSE_HOME to a folder that every user can walk to, or run Weighhouse as an ordinary user.`,
  );
}

function spawnAt(
  { user, folder }: Place,
  program: string,
  args: readonly string[],
  input: 'ignore' | number = 'ignore',
): ChildProcess {
  const options: SpawnOptions = {
    // Entered before root is given up.
    cwd: folder,
    // Its messages are read, so they have to be in English.
    env: { ...process.env, LC_ALL: 'C' },
    stdio: [input, 'pipe', 'pipe'],
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  };
  return spawn(program, args, options);
}

/** Resolves when the process ended well; throws an Error with what it said where it did not. */
async function waitUntilDone(child: ChildProcess): Promise<void> {
  const output = collectOutput(child);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(output());
}

/** Resolves when the process prints `expected`; throws an Error with what it said where it ends before. */
function waitForOutput(child: ChildProcess, expected: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const output = collectOutput(child, (text) => {
      if (text.includes(expected)) resolve();
    });
    child.once('error', reject);
    void untilEnded(child).then(() => reject(new Error(output())));
  });
}

function collectOutput(child: ChildProcess, onText: (text: string) => void = () => {}): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT);
      onText(output);
    });
  return () => output;
}

import { access, constants, statfs } from 'node:fs/promises';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { formatBytes } from '../format-bytes.ts';
import { log } from '../log.ts';
import { JOB_KINDS, type JobKind, listStandingKinds, listWorkedKinds } from '../queue/index.ts';
import { Overdue, withDeadline } from './with-deadline.ts';

/** A part that takes longer to answer cannot serve anybody. */
const ANSWER_MS = 5000;
/** Asked more often, it says again what it has just found: anybody may ask. */
const KEEP_MS = 500;
/** What the service can do without for a night: images wait for the machine that renders them. */
const OPTIONAL: readonly JobKind[] = ['preview'];

type Part = 'database' | 'storage' | 'room' | 'worker' | 'queue';

export interface Readiness {
  ready: boolean;
  /** What is wrong, by part, in words for people; null where a part is well. Nothing in it is secret. */
  causes: Record<Part, string | null>;
}

let last: { at: number; readiness: Promise<Readiness> } | undefined;

/** Whether the service can do its work, and if not, why. */
export function checkReadiness(): Promise<Readiness> {
  const now = performance.now();
  if (last === undefined || now - last.at > KEEP_MS) last = { at: now, readiness: check() };
  return last.readiness;
}

async function check(): Promise<Readiness> {
  const [database, storage, room] = await Promise.all([
    causeOf('database', checkDatabase),
    causeOf('storage', checkStorage),
    causeOf('room', checkRoom),
  ]);
  // Their state is in the database.
  const [worker, queue] =
    database === null
      ? await Promise.all([causeOf('worker', checkWorkers), causeOf('queue', checkQueue)])
      : [null, null];
  const causes = { database, storage, room, worker, queue };
  return { ready: Object.values(causes).every((cause) => cause === null), causes };
}

const FAILURES: Readonly<Record<Part, string>> = {
  database: 'The database does not answer.',
  storage: 'The data folder cannot be read and written.',
  room: 'The free disk space cannot be read.',
  worker: 'The list of workers cannot be read.',
  queue: 'The queue cannot be read.',
};

/** What a check found, or that it failed or did not end. Why it failed is in the log: it may name hosts and folders. */
async function causeOf(part: Part, check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await withDeadline(check(), ANSWER_MS);
  } catch (error) {
    if (!(error instanceof Overdue)) log('health').warn({ part, error: String(error) }, FAILURES[part]);
    return FAILURES[part];
  }
}

async function checkDatabase(): Promise<string | null> {
  const migrated = await db().$queryRaw<unknown[]>`
    SELECT 1 FROM _prisma_migrations WHERE finished_at IS NOT NULL LIMIT 1`;
  return migrated.length > 0 ? null : 'The database has no tables yet.';
}

async function checkStorage(): Promise<string | null> {
  await access(config().home, constants.R_OK | constants.W_OK);
  return null;
}

async function checkRoom(): Promise<string | null> {
  const { bavail, bsize } = await statfs(config().home);
  const free = bavail * bsize;
  const { spareBytes } = config();
  if (free >= spareBytes) return null;
  return `The disk is nearly full: ${formatBytes(free)} free, and ${formatBytes(spareBytes)} are kept for conversions and the database. Uploads are refused.`;
}

async function checkWorkers(): Promise<string | null> {
  const worked = await listWorkedKinds();
  const missing = neededKinds().filter((kind) => !worked.includes(kind));
  return missing.length === 0 ? null : `No worker runs jobs of these kinds: ${missing.join(', ')}.`;
}

async function checkQueue(): Promise<string | null> {
  const standing = (await listStandingKinds()).filter(({ kind }) => neededKinds().includes(kind));
  if (standing.length === 0) return null;
  const words = standing.map(({ kind, minutes }) => `${kind} (for ${minutes} minutes)`);
  return `Jobs wait and none is worked on: ${words.join(', ')}.`;
}

function neededKinds(): JobKind[] {
  const kinds = Object.keys(JOB_KINDS) as JobKind[];
  const { previews, remote } = config();
  const unused: JobKind[] = [
    ...(previews === 'off' ? ['plan' as const] : []),
    ...(remote.hosts.isEmpty ? ['remote' as const] : []),
  ];
  return kinds.filter((kind) => !OPTIONAL.includes(kind) && !unused.includes(kind));
}

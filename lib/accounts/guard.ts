import { createHash } from 'node:crypto';
import { audit } from '../audit/index.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { networkOf } from '../proxies/index.ts';
import type { FailureReason, Guarded } from './attempts.ts';

/** So many failures are free; each further one doubles the wait for the next attempt, from one second up to `longest`. */
interface Limit {
  free: number;
  /** Seconds. */
  longest: number;
}

type Counted = 'account' | 'address' | 'device';

const PASSWORD = {
  account: { free: 3, longest: 300 },
  address: { free: 10, longest: 900 },
  device: { free: 5, longest: 300 },
} satisfies Record<Counted, Limit>;

/** What is not limited by account is limited by address alone. */
const LIMITS = {
  'sign-in': PASSWORD,
  'sign-up': { address: { free: 30, longest: 900 } },
  'setup-code': { address: { free: 5, longest: 900 } },
  // The account's own, which a session or a link names already.
  password: { account: { free: 3, longest: 300 }, address: { free: 10, longest: 900 } },
  'second-factor': { address: { free: 10, longest: 900 } },
  passkey: { address: { free: 20, longest: 900 } },
  link: { address: { free: 10, longest: 900 } },
  'password-mail': { account: { free: 3, longest: 900 }, address: { free: 10, longest: 900 } },
} satisfies Record<Guarded, Partial<Record<Counted, Limit>>>;

/** Who attempts. */
export interface Attempter {
  /** IP address, as `clientOf` says it. */
  address: string;
  /** E-mail address of the account that is tried, whether or not there is one. */
  account?: string;
  /** Of a device on which the account has signed in before (`findKnownDevice`): then only its own failures delay it. */
  device?: string | null;
}

/** One attempt, counted as failed until it is said to have passed. */
export interface Attempt {
  passed(): Promise<void>;
  /** Keeps it counted, and enters it into the audit log. */
  failed(reason: FailureReason): Promise<void>;
}

/** A row that nothing was added to for so long is forgotten. */
const FORGET_AFTER = '24 hours';
/** Rows of the audit log about failures in one hour, before only every doubling makes one. */
const AUDITED_PER_HOUR = 100;

/**
 * Asks whether an attempt may be made, and counts it: call it before anything is compared, so that attempts at the same
 * moment count too. Kept in the database, which all web processes share. Throws AppError `too_many` with the seconds to
 * wait; such an attempt is not counted, so that waiting helps.
 */
export async function guard(act: Guarded, attempter: Attempter): Promise<Attempt> {
  const buckets = bucketsOf(act, attempter);
  const keys = buckets.map(({ key }) => key);
  const failures = await db().$transaction(async (tx) => {
    let most = 0;
    for (const { key, limit } of buckets) {
      const count = await countAttempt(tx, key, limit);
      // What was counted before is taken back with the transaction.
      if (count === null) throw await tooMany(tx, keys);
      most = Math.max(most, count);
    }
    return most;
  });
  return {
    passed: () => uncount(keys),
    failed: (reason) => recordFailure(act, attempter, reason, failures),
  };
}

function bucketsOf(act: Guarded, { address, account, device }: Attempter): { key: string; limit: Limit }[] {
  const limits: Partial<Record<Counted, Limit>> = LIMITS[act];
  const name = account?.trim().toLowerCase() ?? '';
  const values: Partial<Record<Counted, string>> =
    device == null
      ? { address: networkOf(address), account: digestOf(name) }
      : { device: digestOf(`${device}\n${name}`) };
  // In one order everywhere, so that two transactions never wait for each other.
  return (['account', 'address', 'device'] as const).flatMap((counted) => {
    const [limit, value] = [limits[counted], values[counted]];
    return limit === undefined || value === undefined ? [] : [{ key: `${act}/${counted}/${value}`, limit }];
  });
}

/** One more failure of this bucket. Returns how many it has now; null where it must wait. */
async function countAttempt(tx: Tx, key: string, { free, longest }: Limit): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ failures: number }[]>`
    INSERT INTO attempt AS a (key, failures, "lastAt") VALUES (${key}, 1, clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET
      failures = CASE WHEN a."lastAt" < clock_timestamp() - ${FORGET_AFTER}::interval THEN 1 ELSE a.failures + 1 END,
      "lastAt" = clock_timestamp(),
      "blockedUntil" = CASE
        WHEN a.failures < ${free}::int OR a."lastAt" < clock_timestamp() - ${FORGET_AFTER}::interval THEN NULL
        ELSE clock_timestamp() + make_interval(secs => least(power(2, least(a.failures - ${free}::int, 20)), ${longest}::int))
      END
      WHERE a."blockedUntil" IS NULL OR a."blockedUntil" <= clock_timestamp()
    RETURNING failures`;
  return row?.failures ?? null;
}

async function tooMany(tx: Tx, keys: readonly string[]): Promise<AppError> {
  const [row] = await tx.$queryRaw<{ seconds: number | null }[]>`
    SELECT ceil(extract(epoch FROM max("blockedUntil") - clock_timestamp()))::int AS seconds
      FROM attempt WHERE key = ANY(${[...keys]})`;
  const seconds = Math.max(1, row?.seconds ?? 1);
  const wait =
    seconds < 100 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(seconds / 60)} minutes`;
  return new AppError('too_many', `Too many attempts. Try again in ${wait}.`, { retryAfter: seconds });
}

/** One failure less: others may have failed at the same address meanwhile, or before. */
async function uncount(keys: readonly string[]): Promise<void> {
  await db().$executeRaw`
    UPDATE attempt SET failures = greatest(failures - 1, 0), "blockedUntil" = NULL WHERE key = ANY(${[...keys]})`;
}

async function recordFailure(
  act: Guarded,
  { address, account, device }: Attempter,
  reason: FailureReason,
  failures: number,
): Promise<void> {
  await db().$transaction(async (tx) => {
    await tx.$executeRaw`DELETE FROM attempt WHERE "lastAt" < now() - ${FORGET_AFTER}::interval`;
    if (!(await isAudited(tx, failures))) return;
    const email = account?.trim().toLowerCase().slice(0, 254);
    const user = email === undefined ? null : await tx.user.findUnique({ where: { email }, select: { id: true } });
    await audit(tx, {
      actor: 'system',
      action: 'user.attempt-failed',
      subject: 'user',
      subjectId: user?.id ?? 'unknown',
      after: { attempt: act, ...(email && { email }), address, reason, failures, knownDevice: device != null },
    });
  });
}

/** The first failures of anybody are entered, then every doubling, and of all together so many an hour: an attack fills no disk. */
async function isAudited(tx: Tx, failures: number): Promise<boolean> {
  if (failures > 5 && !isPowerOfTwo(failures)) return false;
  const hour = new Date().toISOString().slice(0, 13);
  const inHour = await countAttempt(tx, `audit/${hour}`, { free: 2 ** 30, longest: 0 });
  return inHour !== null && (inHour <= AUDITED_PER_HOUR || isPowerOfTwo(inHour));
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { Batcher, type Question } from '../batcher.ts';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';

/** A lock that one holder in all processes on one database has. */
export interface SessionLock {
  /** Aborted when the lock is lost, because the connection to the database is: somebody else may have it from then on. */
  lost: AbortSignal;
  release(): Promise<void>;
}

export interface AcquireOptions {
  /** Gives up waiting. */
  signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds; 0 for no time at all. */
  timeout: number;
  /** Called when somebody else waits for the lock. */
  onWanted?: (() => void) | undefined;
}

const CHANNEL = 'weighhouse_lock_wanted';
const RETRY_MS = 100;
/** How often the holder is reminded that somebody waits. */
const REMIND_MS = 1000;
/** How often the connection is tried. */
const HEARTBEAT_MS = 5000;
/** It is taken for lost when it has not answered for so long: sooner than the server gives up a machine that is gone. */
const SILENCE_MS = 60_000;
const IDLE_MS = 5000;

/**
 * Locks by name, one holder at a time across all processes on one database. PostgreSQL holds them for one connection of
 * this process (advisory locks of a session), so it lets go of them when the process dies. Within the process they are
 * kept in a table, because a session may take its own lock twice.
 */
export class SessionLocks {
  readonly #held = new Map<string, { onWanted: (() => void) | undefined; waiting: (() => void)[] }>();
  #connection: Promise<LockConnection> | null = null;

  /** Waits for a lock. Null where it was not free in time. Throws AppError `unavailable` without a database. */
  async acquire(name: string, { signal, timeout, onWanted }: AcquireOptions): Promise<SessionLock | null> {
    const deadline = performance.now() + timeout;
    if (!(await this.#takeHere(name, deadline, signal, onWanted))) return null;
    try {
      const lost = await this.#takeInDatabase(name, deadline, signal);
      if (lost !== null) return { lost, release: () => this.#release(name, lost) };
    } catch (error) {
      this.#releaseHere(name);
      throw error instanceof AppError
        ? error
        : new AppError('unavailable', 'The database cannot be reached. Try again in a moment.', { cause: error });
    }
    this.#releaseHere(name);
    return null;
  }

  async #takeHere(
    name: string,
    deadline: number,
    signal: AbortSignal | undefined,
    onWanted: (() => void) | undefined,
  ): Promise<boolean> {
    for (;;) {
      const holder = this.#held.get(name);
      if (holder === undefined) {
        this.#held.set(name, { onWanted, waiting: [] });
        return true;
      }
      const left = deadline - performance.now();
      if (left <= 0 || signal?.aborted === true) return false;
      holder.onWanted?.();
      const freed = new Promise<void>((resolve) => holder.waiting.push(resolve));
      const stop = new AbortController();
      const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
      await Promise.race([freed, wait(left, undefined, { signal: stopped }).catch(() => {})]);
      stop.abort();
    }
  }

  async #takeInDatabase(name: string, deadline: number, signal: AbortSignal | undefined): Promise<AbortSignal | null> {
    let reminded = Number.NEGATIVE_INFINITY;
    for (;;) {
      const connection = await this.#connect();
      if (await connection.tryLock(name)) return connection.lost;
      const now = performance.now();
      if (now >= deadline || signal?.aborted === true) return null;
      if (now - reminded > REMIND_MS) {
        await connection.remind(name);
        reminded = now;
      }
      await wait(RETRY_MS);
    }
  }

  async #release(name: string, lost: AbortSignal): Promise<void> {
    try {
      // A lost connection's locks are gone with it.
      const connection = await this.#connection?.catch(() => null);
      if (!lost.aborted && connection?.lost === lost) await connection.unlock(name);
    } finally {
      this.#releaseHere(name);
    }
  }

  #releaseHere(name: string): void {
    const holder = this.#held.get(name);
    this.#held.delete(name);
    for (const next of holder?.waiting ?? []) next();
  }

  #connect(): Promise<LockConnection> {
    if (this.#connection !== null) return this.#connection;
    const connection = LockConnection.open((name) => this.#held.get(name)?.onWanted?.());
    const forget = () => {
      if (this.#connection === connection) this.#connection = null;
    };
    this.#connection = connection;
    connection.then(({ lost }) => lost.addEventListener('abort', forget), forget);
    return connection;
  }
}

interface LockQuestion {
  name: string;
  /** Whether it is taken or given back. */
  take: boolean;
}

/** The connection whose session holds the locks of this process. */
class LockConnection {
  readonly #client: Client;
  readonly #lost = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  #locks = 0;
  #usedAt = performance.now();
  #isChecking = false;
  /** What is asked for while the server answers goes to it in one statement. */
  readonly #asking = new Batcher<LockQuestion, boolean>((questions) => this.#ask(questions));

  private constructor(client: Client) {
    this.#client = client;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('The connection ended.')));
    this.#heartbeat = setInterval(() => void this.#check(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  static async open(onWanted: (name: string) => void): Promise<LockConnection> {
    const client = new Client({ connectionString: config().databaseUrl ?? undefined, keepAlive: true });
    const connection = new LockConnection(client);
    // The types of pg leave it out.
    const own = (): unknown => Reflect.get(client, 'processID');
    // What this process asked for comes back to it too, and would end its own request once that has the lock.
    client.on('notification', ({ payload, processId }) => {
      if (processId !== own()) onWanted(payload ?? '');
    });
    try {
      await client.connect();
      // A server that no longer hears of this machine lets go of the locks after two minutes, not after two hours.
      await client.query(
        `SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6; LISTEN ${CHANNEL}`,
      );
    } catch (error) {
      connection.#lose(error as Error);
      throw error;
    }
    return connection;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async tryLock(name: string): Promise<boolean> {
    this.#usedAt = performance.now();
    const isLocked = await this.#asking.run({ name, take: true });
    if (isLocked) this.#locks += 1;
    return isLocked;
  }

  async unlock(name: string): Promise<void> {
    this.#locks -= 1;
    this.#usedAt = performance.now();
    await this.#asking.run({ name, take: false }).catch((error: Error) =>
      // With the connection, the server drops what it would not give back.
      this.#lose(error),
    );
  }

  async #ask(questions: readonly Question<LockQuestion, boolean>[]): Promise<void> {
    const { rows } = await this.#client.query<{ done: boolean }>(
      `SELECT CASE WHEN take THEN pg_try_advisory_lock(hashtextextended(name, 0))
                   ELSE pg_advisory_unlock(hashtextextended(name, 0)) END AS done
         FROM unnest($1::text[], $2::boolean[]) AS asked(name, take)`,
      [questions.map(({ item }) => item.name), questions.map(({ item }) => item.take)],
    );
    for (const [index, { resolve }] of questions.entries()) resolve(rows[index]?.done === true);
  }

  async remind(name: string): Promise<void> {
    await this.#client.query('SELECT pg_notify($1, $2)', [CHANNEL, name]);
  }

  async #check(): Promise<void> {
    if (this.#locks === 0 && performance.now() - this.#usedAt > IDLE_MS) return this.#lose(new Error('Not in use.'));
    if (this.#isChecking) return;
    this.#isChecking = true;
    const silence = setTimeout(() => this.#lose(new Error('The database does not answer.')), SILENCE_MS);
    await this.#client.query('SELECT 1').catch((error: Error) => this.#lose(error));
    clearTimeout(silence);
    this.#isChecking = false;
  }

  #lose(cause: Error): void {
    if (this.#lost.signal.aborted) return;
    clearInterval(this.#heartbeat);
    this.#lost.abort(
      new AppError('unavailable', 'The connection to the database was lost. Try again in a moment.', { cause }),
    );
    this.#client.on('error', () => {});
    void this.#client.end().catch(() => {});
  }
}

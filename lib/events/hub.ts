import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { config } from '../config.ts';
import { Prisma, type Tx } from '../db/index.ts';
import { log } from '../log.ts';
import type { ServiceEvent } from './types.ts';

const CHANNEL = 'weighhouse_events';
const RECONNECT_MS = 1000;
/** How often the connection is asked whether it still hears, and how long it may take to say so. */
const CHECK_MS = 15_000;
const CHECK_TIMEOUT_MS = 10_000;

/** Tells every process of the service. Inside a transaction the word goes out when it commits, and never when it does not. */
export async function publish(tx: Tx, event: ServiceEvent): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${CHANNEL}, ${JSON.stringify(event)})`;
}

/** Tells so as a column of the caller's own statement, for each of its rows. */
export function published(event: ServiceEvent): Prisma.Sql {
  // A column of no type cannot be handed out.
  return Prisma.sql`pg_notify(${CHANNEL}, ${JSON.stringify(event)})::text`;
}

/** The same for several events at once. */
export async function publishAll(tx: Tx, events: readonly ServiceEvent[]): Promise<void> {
  const payloads = events.map((event) => JSON.stringify(event));
  await tx.$executeRaw`SELECT pg_notify(${CHANNEL}, payload) FROM unnest(${payloads}::text[]) AS payload`;
}

interface Listener {
  hear(event: ServiceEvent): void;
  onMissed(): void;
}

const listeners = new Set<Listener>();
let connection: Connection | null = null;

/**
 * Hears every event from now on, until the function it returns is called. `onMissed` is called when the connection comes
 * back after it was lost: events may have been missed. One database connection serves all of a process.
 */
export async function listen(hear: (event: ServiceEvent) => void, onMissed = () => {}): Promise<() => void> {
  const listener: Listener = { hear, onMissed };
  listeners.add(listener);
  connection ??= new Connection();
  await connection.firstTry;
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    connection?.close();
    connection = null;
  };
}

function deliver(event: ServiceEvent): void {
  for (const { hear } of [...listeners]) hear(event);
}

/** A connection that hears the channel, made again and again whenever it is lost, until it is closed. */
class Connection {
  /** Resolves when it hears, or when the first try to connect has failed. */
  readonly firstTry: Promise<void>;
  readonly #closing = new AbortController();

  constructor() {
    let resolveFirst = () => {};
    this.firstTry = new Promise((resolve) => {
      resolveFirst = resolve;
    });
    void this.#run(resolveFirst);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(onFirstTry: () => void): Promise<void> {
    const { signal } = this.#closing;
    for (let tries = 0; !signal.aborted; tries += 1) {
      const client = new Client({
        connectionString: config().databaseUrl ?? undefined,
        connectionTimeoutMillis: CHECK_TIMEOUT_MS,
        query_timeout: CHECK_TIMEOUT_MS,
        keepAlive: true,
      });
      try {
        await this.#hear(client, () => {
          // What was said while nobody listened is lost.
          if (tries > 0) for (const { onMissed } of [...listeners]) onMissed();
          onFirstTry();
        });
      } catch (error) {
        if (!signal.aborted)
          log('events').warn({ error: (error as Error).message }, 'The event connection was lost; reconnecting.');
      } finally {
        onFirstTry();
        await client.end().catch(() => {});
      }
      await wait(RECONNECT_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Hands out what the channel says until the connection is lost or closed; throws then. */
  async #hear(client: Client, onConnected: () => void): Promise<void> {
    const { signal } = this.#closing;
    const lost = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('The connection ended.')));
      signal.addEventListener('abort', () => reject(new Error('Closed.')));
    });
    lost.catch(() => {});
    client.on('notification', ({ payload }) => deliver(JSON.parse(payload ?? 'null') as ServiceEvent));
    await Promise.race([client.connect(), lost]);
    await Promise.race([client.query(`LISTEN ${CHANNEL}`), lost]);
    onConnected();
    for (;;) {
      await Promise.race([wait(CHECK_MS, undefined, { ref: false }), lost]);
      await Promise.race([client.query('SELECT 1'), lost]);
    }
  }
}

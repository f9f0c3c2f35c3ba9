import { Client } from 'pg';
import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { log } from '../log.ts';
import type { ServiceEvent } from './types.ts';

const CHANNEL = 'weighhouse_events';
const RECONNECT_MS = 1000;

/** Tells every process of the service. Inside a transaction the word goes out when it commits, and never when it does not. */
export async function publish(tx: Tx, event: ServiceEvent): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${CHANNEL}, ${JSON.stringify(event)})`;
}

type Listener = (event: ServiceEvent) => void;

const listeners = new Set<Listener>();
let connection: Promise<Client | null> | undefined;

/** Hears every event from now on, until the function it returns is called. One database connection serves all of a process. */
export async function listen(listener: Listener): Promise<() => void> {
  listeners.add(listener);
  connection ??= connect();
  await connection;
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) void disconnect();
  };
}

async function connect(): Promise<Client | null> {
  const client = new Client({ connectionString: config().databaseUrl ?? undefined });
  client.on('notification', ({ payload }) => {
    const event = JSON.parse(payload ?? 'null') as ServiceEvent;
    for (const listener of [...listeners]) listener(event);
  });
  client.on('error', (error) => {
    log('events').warn({ error: error.message }, 'The event connection was lost; reconnecting.');
    void reconnect();
  });
  try {
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return client;
  } catch (error) {
    log('events').warn({ error: (error as Error).message }, 'The event connection failed; trying again.');
    void reconnect();
    return null;
  }
}

async function reconnect(): Promise<void> {
  await new Promise((next) => setTimeout(next, RECONNECT_MS));
  connection = listeners.size > 0 ? connect() : undefined;
}

async function disconnect(): Promise<void> {
  const client = connection;
  connection = undefined;
  await (await client)?.end().catch(() => {});
}

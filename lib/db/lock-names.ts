import type { Tx } from './client.ts';

/**
 * Holds everybody else off these names until the transaction ends, in all processes. In one order everywhere, so that two
 * transactions never wait for each other.
 */
export async function lockNames(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(key)
      FROM (SELECT hashtextextended(name, 0) AS key FROM unnest(${[...names]}::text[]) AS name ORDER BY 1) keys`;
}

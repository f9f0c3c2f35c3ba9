import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { HANG_MS } from '../limits.ts';
import { waitFor } from '../wait-for.ts';
import type { Cluster } from './cluster.ts';
import type { Sent } from './traffic.ts';

/** Jobs that are due, and files that no stage has brought to an end. */
const OPEN = `
  SELECT 'job ' || name || ' ' || state AS what FROM pgboss.job
  WHERE state IN ('created', 'retry', 'active') AND start_after <= now() AND name NOT LIKE '\\_\\_%'
  UNION ALL
  SELECT 'file ' || id || ' ' || state || ' ' || conversion FROM model_file
  WHERE state IN ('quarantined', 'scanning') OR conversion IN ('queued', 'converting', 'verifying')
     OR (state = 'clean' AND conversion = 'none')
  UNION ALL
  SELECT 'upload ' || id || ' ' || state FROM upload WHERE state = 'received'`;

/**
 * Waits until the queue is empty and no file is being worked on, with a sweep now and then, as the clock has one. Returns
 * what never came to its end.
 */
export async function drain(cluster: Cluster): Promise<string[]> {
  const end = Date.now() + HANG_MS;
  for (let rounds = 1; ; rounds += 1) {
    const open = await cluster.query<{ what: string }>(OPEN);
    if (open.length === 0) return [];
    if (Date.now() > end) return open.map(({ what }) => `Not at its end: ${what}`);
    if (rounds % 15 === 0) await startSweep(cluster);
    await wait(1000);
  }
}

async function startSweep(cluster: Cluster): Promise<void> {
  await cluster.query("INSERT INTO pgboss.job (name, data) VALUES ('sweep', '{}')");
}

/** Runs a sweep to its end, as the clock does: it removes what processes left that died between two steps. */
export async function sweep(cluster: Cluster): Promise<void> {
  await startSweep(cluster);
  await waitFor(
    () => cluster.query("SELECT 1 FROM pgboss.job WHERE name = 'sweep' AND state IN ('created', 'retry', 'active')"),
    (open) => open.length === 0,
  );
}

/** What of the service's promises does not hold, found without any of its code. Empty where all hold. */
export async function findBroken(cluster: Cluster, sent: readonly Sent[]): Promise<string[]> {
  const broken: string[] = [];
  const store = join(cluster.home, 'blobs');
  // A copy that was cut off never gets the name of a blob, and is swept a day later.
  const blobs = (await listFiles(store)).filter((path) => !path.startsWith(join(store, 'incoming')));
  const digests = new Map<string, string>();
  for (const path of blobs) {
    const digest = await sha256Of(path);
    digests.set(basename(path), digest);
    if (digest !== basename(path)) broken.push(`The blob ${basename(path)} contains ${digest}.`);
  }

  const rows = await cluster.query<{ sha256: string; used: boolean }>(`
    SELECT b.sha256,
      EXISTS (SELECT 1 FROM model_file f WHERE b.sha256 IN (f."sourceSha256", f."convertedSha256"))
      OR EXISTS (SELECT 1 FROM picture p WHERE b.sha256 IN (p.sha256, p."thumbnailSha256")) AS used
    FROM blob b`);
  const known = new Map(rows.map(({ sha256, used }) => [sha256, used]));
  for (const path of blobs) if (!known.has(basename(path))) broken.push(`The file ${path} is in no row.`);
  for (const [sha256, used] of known) {
    if (!digests.has(sha256)) broken.push(`The row of blob ${sha256} has no file.`);
    if (!used) broken.push(`Nothing uses the blob ${sha256}.`);
  }

  for (const { path, filename, sha256, acknowledged } of sent) {
    if (!acknowledged) {
      broken.push(`${filename} could not be sent to its end.`);
      continue;
    }
    const [row] = await cluster.query<Record<string, string>>(`
      SELECT u.state AS upload, f."sourceSha256" AS source, f."convertedSha256" AS converted, f.state, f.conversion
      FROM upload u LEFT JOIN model_file f ON f.id = u."fileId" WHERE u.id = '${basename(path)}'`);
    const is = row === undefined ? 'nothing' : JSON.stringify(row);
    if (row?.source !== sha256) broken.push(`${filename} was acknowledged and is ${is}.`);
    else if (row.conversion !== 'converted' || row.converted !== sha256) broken.push(`${filename} ended as ${is}.`);
    if (digests.get(sha256) !== sha256) broken.push(`${filename} was acknowledged and its bytes are gone.`);
  }

  // A creation whose answer was lost can be gone on with by nobody, and expires in a week.
  const receiving = await cluster.query<{ id: string }>("SELECT id FROM upload WHERE state = 'receiving'");
  for (const folder of ['uploads', 'scratch', 'incoming']) {
    for (const path of await listFiles(join(cluster.home, folder)))
      if (!receiving.some(({ id }) => path.includes(id)))
        broken.push(`Left behind: ${path.slice(cluster.home.length)}`);
  }
  for (const { what } of await cluster.query<{ what: string }>(
    `SELECT 'the run ' || stage || ' of file ' || "fileId" AS what FROM stage_run WHERE "endedAt" IS NULL`,
  ))
    broken.push(`Without an end: ${what}`);
  return broken;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

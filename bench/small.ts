// `npm run bench:small`: a collection of small files from their folder to published (10,000; --files N), beside `cp -r` and
// `sha256sum` of the same files in the same run; what one file costs, the worker's memory over time, and how long the
// catalog's page takes meanwhile. Linux only, because of how processor time and memory are read.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { config } from '#lib/config.ts';
import { closeDb, db } from '#lib/db/index.ts';
import { findRunningPostgres } from '#lib/postgres/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { makeCollection } from '#test/fixtures/collection/index.ts';
import { startTestService } from '#test/support/service.ts';
import { enterFiles } from './small/enter-files.ts';
import { partsOf, residentMiB } from './small/processor-times.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    record: { type: 'boolean', default: false },
    /** Folder for the profile of the worker. */
    profile: { type: 'string' },
  },
});
if (process.platform !== 'linux') {
  console.log('This measurement reads processor time from /proc, which only Linux has; it is left out here.');
  process.exit(0);
}
const WANTED_PER_SECOND = 11;
const SAMPLE_MS = 2000;
/** What is neither waited for nor worked on. */
const LEFT_SQL_STATES = ['quarantined', 'scanning'];

await ensureBuilt();
ensureBundle();
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse small '));
const collection = join(folder, 'collection');
console.log(`Writing a collection of ${values.files} small files…`);
const made = [...makeCollection(collection, { files: Number(values.files) })];
const models = made.filter(({ outcome }) => !['companion', 'ignored', 'unreadable', 'empty'].includes(outcome));
const bytes = models.reduce((sum, { size }) => sum + size, 0);
execFileSync('sync');

const service = await startTestService({
  env: {
    WEIGHHOUSE_ADMIN_EMAIL: 'bench@example.org',
    WEIGHHOUSE_ADMIN_PASSWORD: 'correct horse battery',
    WEIGHHOUSE_PREVIEWS: 'off',
    ...(values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` }),
  },
});
try {
  const copying = time(() => execFileSync('cp', ['-r', collection, join(folder, 'copy')]));
  const hashing = time(() =>
    execFileSync('sh', ['-c', 'find "$0" -type f -print0 | xargs -0 sha256sum > /dev/null', collection]),
  );
  rmSync(join(folder, 'copy'), { recursive: true });
  execFileSync('sync');

  config().databaseUrl = await findRunningPostgres(service.home);
  config().home = service.home;
  const { id: ownerId } = await db().user.findFirstOrThrow();
  const pids = {
    web: service.partPid('web'),
    worker: service.partPid('worker'),
    postgres: service.partPid('postgres'),
  };
  const before = partsOf(pids);
  const memory: number[] = [];
  const pages: number[] = [];
  const sampling = new AbortController();
  const sampled = sample(sampling.signal, async () => {
    memory.push(residentMiB(pids.worker));
    pages.push(await milliseconds(async () => void (await (await fetch(service.url)).text())));
  });

  const began = performance.now();
  let entering = 0;
  const entered = enterFiles(
    collection,
    models.map(({ path }) => path),
    ownerId,
  ).finally(() => {
    entering = (performance.now() - began) / 1000;
  });
  let shown = 0;
  const expected = await entered;
  for (;;) {
    const left = await countLeft();
    if (left === 0) break;
    if (performance.now() - shown > 10_000) {
      shown = performance.now();
      console.log(
        `${expected - left} of ${expected}, ${((expected - left) / ((shown - began) / 1000)).toFixed(1)} a second`,
      );
    }
    await wait(200);
  }
  const whole = (performance.now() - began) / 1000;
  sampling.abort();
  await sampled;
  const after = partsOf(pids);
  const published = await db().model.count({ where: { published: true } });
  const wanted = made.filter(({ outcome }) => outcome === 'published').length;
  if (published !== wanted) throw new Error(`${published} models were published, not ${wanted}.`);

  const perFile = (seconds: number) => ((seconds * 1000) / expected).toFixed(1);
  const row = (what: string, seconds: number) =>
    `| ${what} | ${seconds.toFixed(1)} | ${(expected / seconds).toFixed(1)} | ${(bytes / 1e6 / seconds).toFixed(0)} | ${(seconds / copying).toFixed(1)} |`;
  const lines = [
    `## Small files, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${expected} files of a collection (\`npm run fixtures -- --collection\`), ${(bytes / 1e9).toFixed(2)} GB, of which ${published} were published; the`,
    `others are faults. ${availableParallelism()} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} when it ended. Previews are off.`,
    '',
    '| what | s | files/s | MB/s | × `cp -r` |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('`cp -r` of the folder', copying),
    row('`sha256sum` of its files', hashing),
    row('copying them into the store and entering them', entering),
    row(`**folder to published** (wanted: ${WANTED_PER_SECOND} files/s)`, whole),
    '',
    '| processor time | ms a file |',
    '| --- | ---: |',
    ...[...after].map(([part, seconds]) => `| ${part} | ${perFile(seconds - (before.get(part) ?? 0))} |`),
    '',
    '| stage | runs | median ms |',
    '| --- | ---: | ---: |',
    ...(await stageRows()),
    '',
    `The worker had ${stepsOf(memory)} MiB resident, evenly over time. The catalog's page took ${quantile(pages, 0.5)} ms (median) and`,
    `${quantile(pages, 1)} ms at most meanwhile.`,
    '',
  ].join('\n');
  console.log(`\n${lines}`);
  if (values.record) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${lines}`);
} finally {
  await stopQueue();
  await closeDb();
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/** Files that have no end yet. */
async function countLeft(): Promise<number> {
  const [{ left }] = await db().$queryRaw<[{ left: number }]>`
    SELECT count(*)::int AS left FROM model_file
     WHERE state::text = ANY(${LEFT_SQL_STATES}) OR (state = 'clean' AND conversion NOT IN ('converted', 'not_convertible'))`;
  return left;
}

async function stageRows(): Promise<string[]> {
  const rows = await db().$queryRaw<{ stage: string; runs: number; ms: number }[]>`
    SELECT stage, count(*)::int AS runs,
           (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM "endedAt" - "startedAt")) * 1000)::float8 AS ms
      FROM stage_run WHERE outcome = 'ok' GROUP BY stage ORDER BY min(id)`;
  return rows.map(({ stage, runs, ms }) => `| ${stage} | ${runs} | ${ms.toFixed(0)} |`);
}

async function sample(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look();
    await wait(SAMPLE_MS, undefined, { signal }).catch(() => {});
  }
}

/** Six values of a series, from its first to its last. */
function stepsOf(series: readonly number[]): string {
  const at = (share: number) => series[Math.round(share * (series.length - 1))] ?? 0;
  return [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => at(share).toFixed(0)).join(', ');
}

function quantile(series: readonly number[], share: number): string {
  const sorted = series.toSorted((a, b) => a - b);
  return (sorted[Math.round(share * (sorted.length - 1))] ?? 0).toFixed(0);
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Seconds. */
function time(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

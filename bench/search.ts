// `npm run bench:search`: a catalog of a million models (--models N) and 50 people who ask for something every two seconds, for
// a minute (--people, --seconds), over the API of the built service; the twenty most usual requests in turn. Beside: what
// PostgreSQL takes to read 25 models by their ids. Linux only, because of how processor time is read.
import { appendFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { findRunningPostgres } from '#lib/postgres/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { startTestService } from '#test/support/service.ts';
import { makeCatalog } from './search/make-catalog.ts';
import { partsOf } from './small/processor-times.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '1000000' },
    people: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    record: { type: 'boolean', default: false },
  },
});
const models = Number(values.models);
const people = Number(values.people);
const PAUSE_MS = 2000;
const WANTED_MS = 100;

await ensureBuilt();
ensureBundle();
const service = await startTestService({ env: { WEIGHHOUSE_PREVIEWS: 'off' } });
try {
  const databaseUrl = (await findRunningPostgres(service.home)) ?? '';
  console.log(`Making a catalog of ${models} models…`);
  const began = performance.now();
  await makeCatalog(databaseUrl, models);
  console.log(`Made in ${((performance.now() - began) / 1000).toFixed(0)} s.`);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: tags } = await client.query(
    'SELECT name FROM tag JOIN tag_count ON "tagId" = tag.id ORDER BY models DESC',
  );
  const [{ sha256 }] = (await client.query('SELECT sha256 FROM blob LIMIT 1')).rows;
  const common = tags[0].name;
  const rare = tags[Math.floor(tags.length * 0.9)].name;
  const far = Math.floor((models * 0.9) / 25 / 2);
  const requests: readonly (readonly [what: string, search: string])[] = [
    ['first page', ''],
    ['base', 'base=sdxl'],
    ['type', 'type=lora'],
    ['verdict', 'verdict=dangerous'],
    ['family', 'family=pony'],
    ['common tag', `tag=${common}`],
    ['rare tag', `tag=${rare}`],
    ['base, type and verdict', 'base=sdxl&type=lora&verdict=clean'],
    ['base and tag', `base=sd1&tag=${common}`],
    ['by name', 'sort=name'],
    ['by size', 'sort=size'],
    ['by downloads', 'sort=downloads'],
    ['newest', 'sort=createdAt'],
    ['one word', 'q=portrait'],
    ['two words', 'q=anime+style'],
    ['a rare word', `q=${rare}`],
    ['no hit', 'q=qqqqqqqqqq'],
    ['a typo', 'q=cyberpnk'],
    ['a hash', `q=${sha256}`],
    ['part of a hash', `q=${sha256.slice(0, 8)}`],
    ['page 2', 'page=2'],
    [`page ${far}`, `page=${far}`],
    ['a word and a base', 'q=portrait&base=sd1'],
  ];
  for (const [, search] of requests) await ask(search);

  const times = new Map(requests.map(([what]) => [what, [] as number[]]));
  const pids = {
    web: service.partPid('web'),
    worker: service.partPid('worker'),
    postgres: service.partPid('postgres'),
  };
  const before = partsOf(pids);
  const start = performance.now();
  const end = start + Number(values.seconds) * 1000;
  let next = 0;
  await Promise.all(
    Array.from({ length: people }, async (_, person) => {
      await wait((person * PAUSE_MS) / people);
      while (performance.now() < end) {
        const [what, search] = requests[next++ % requests.length] ?? ['', ''];
        const asked = performance.now();
        await ask(search);
        const took = performance.now() - asked;
        times.get(what)?.push(took);
        await wait(Math.max(0, PAUSE_MS - took));
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const after = partsOf(pids);
  const reading: number[] = [];
  for (let i = 0; i < 200; i += 1) {
    const ids = Array.from({ length: 25 }, (_, at) => 1 + ((i * 7919 + at * 104_729) % models));
    const asked = performance.now();
    await client.query('SELECT * FROM model WHERE id = ANY($1)', [ids]);
    reading.push(performance.now() - asked);
  }
  const { rows: sizes } = await client.query(`
    SELECT relname, pg_size_pretty(pg_table_size(oid)) AS table, pg_size_pretty(pg_indexes_size(oid)) AS indexes FROM pg_class
     WHERE relname IN ('model', 'model_search', 'model_count', 'tag_model_count', 'search_word') ORDER BY relname`);
  await client.end();

  const all = [...times.values()].flat();
  const row = (what: string, list: readonly number[]) =>
    `| ${what} | ${list.length} | ${[0.5, 0.95, 0.99].map((share) => quantile(list, share).toFixed(0)).join(' | ')} |`;
  const results = [
    `## Search, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${models} models, ${people} people with a request every two seconds for ${seconds.toFixed(0)} s: ${(all.length / seconds).toFixed(1)} requests a second,`,
    `facets included, over the API. ${availableParallelism()} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} when it ended; those who ask`,
    `run beside. Wanted: 95 % under ${WANTED_MS} ms. Reading 25 models by their ids takes PostgreSQL ${quantile(reading, 0.5).toFixed(1)} ms (median).`,
    '',
    '| request | times | p50, ms | p95 | p99 |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...times].map(([what, list]) => row(what, list)),
    row('**all**', all),
    '',
    '| process | processor ms a request |',
    '| --- | ---: |',
    ...['web server', 'PostgreSQL'].map((part) => {
      const spent = (after.get(part) ?? 0) - (before.get(part) ?? 0);
      return `| ${part} | ${((spent * 1000) / all.length).toFixed(1)} |`;
    }),
    '',
    '| table | size | indexes |',
    '| --- | ---: | ---: |',
    ...sizes.map(({ relname, table, indexes }) => `| ${relname} | ${table} | ${indexes} |`),
    '',
  ].join('\n');
  console.log(`\n${results}`);
  if (values.record) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);
} finally {
  await service.dispose();
}

async function ask(search: string): Promise<void> {
  const answer = await fetch(`${service.url}/api/catalog?${search}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${search}: ${answer.status} ${text}`);
}

function quantile(list: readonly number[], share: number): number {
  return list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
}

/**
 * How long it takes to see that nothing changed in a folder of 50,000 models: `npm run bench:refresh`. 500 folders of 100
 * LoRAs each, every tenth with a companion file. The whole refresh of an import in place, with its rows in a
 * database, and the walk and comparison alone. Beside it `find` printing path, size, time and inode of every file. The best
 * of five runs of each, in turns. `--record` appends the table to RESULTS.md.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { config } from '#lib/config.ts';
import { closeDb, db } from '#lib/db/index.ts';
import { findEntries } from '#lib/imports/find-entries.ts';
import { walkCollection } from '#lib/imports/layouts/index.ts';
import { compareFolder, type ModelStamp, stampOfModel } from '#lib/imports/watch/index.ts';
import { migrate, startEmbeddedPostgres } from '#lib/postgres/index.ts';

const FOLDERS = 500;
const EACH = 100;
const RUNS = 5;

function makeCollection(root: string): void {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const path = join(root, 'models', 'loras', `creator ${folder}`);
    mkdirSync(path, { recursive: true });
    for (let index = 0; index < EACH; index += 1) {
      writeFileSync(join(path, `style_${index}.safetensors`), 'x');
      if (index % 10 === 0) writeFileSync(join(path, `style_${index}.civitai.info`), '{}');
    }
  }
}

async function measure(work: () => unknown): Promise<{ wall: number; processor: number }> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await work();
  const wall = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, processor: (user + system) / 1e6 };
}

/** An import of the folder, all of which was found before. */
async function enterCollection(): Promise<{ id: number; root: string; inPlace: boolean }> {
  const user = { id: 'bench', name: 'bench', email: 'bench@example.org', role: 'admin' } as const;
  const row = { root, tags: false, inPlace: true, state: 'done' } as const;
  const entered = await db().import.create({ data: { ...row, owner: { create: user } } });
  await findEntries(entered, new AbortController().signal);
  await db().importEntry.updateMany({ data: { state: 'imported' } });
  await db().$executeRaw`ANALYZE import_entry`;
  return entered;
}

const root = mkdtempSync(join(tmpdir(), 'weighhouse-bench-refresh-'));
const home = mkdtempSync(join(tmpdir(), 'weighhouse-bench-home-'));
const server = await startEmbeddedPostgres(home);
try {
  await migrate(server.databaseUrl);
  config().databaseUrl = server.databaseUrl;
  makeCollection(root);
  const row = await enterCollection();
  const known: ModelStamp[] = [];
  for await (const step of walkCollection(root)) if ('model' in step) known.push(stampOfModel(step.model));

  const whole: { wall: number; processor: number }[] = [];
  const refresh: { wall: number; processor: number }[] = [];
  const find: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    whole.push(await measure(() => findEntries(row, new AbortController().signal)));
    refresh.push(
      await measure(async () => {
        const { unchanged } = await compareFolder(root, known);
        if (unchanged !== FOLDERS * EACH) throw new Error(`Only ${unchanged} files were unchanged.`);
      }),
    );
    const peer = await measure(() => {
      const { status } = spawnSync('find', [root, '-type', 'f', '-printf', '%p %s %T@ %i\\n'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      if (status !== 0) throw new Error('find failed.');
    });
    find.push(peer.wall);
  }
  const changed = await db().importEntry.count({ where: { state: { not: 'imported' } } });
  if (changed > 0) throw new Error(`${changed} entries are not as they were.`);
  const bestOf = (runs: readonly { wall: number; processor: number }[]) =>
    runs.toSorted((one, other) => one.wall - other.wall)[0] ?? { wall: 0, processor: 0 };
  const best = bestOf(refresh);
  const all = bestOf(whole);
  const rows = [
    '| what | s | processor s |',
    '| --- | ---: | ---: |',
    `| refresh, with the rows of the database | ${all.wall.toFixed(2)} | ${all.processor.toFixed(2)} |`,
    `| walk and comparison | ${best.wall.toFixed(2)} | ${best.processor.toFixed(2)} |`,
    `| \`find -printf\` | ${Math.min(...find).toFixed(2)} |  |`,
  ].join('\n');
  console.log(rows);
  if (process.argv.includes('--record')) {
    const date = new Date().toISOString().slice(0, 10);
    const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`;
    appendFileSync(
      join(import.meta.dirname, 'RESULTS.md'),
      `\n## A refresh without changes, ${date}\n\n${(FOLDERS * EACH).toLocaleString('en')} files in ${FOLDERS} folders, names in the page cache, ${machine} (\`npm run bench:refresh\`).\n\n${rows}\n`,
    );
  }
} finally {
  await closeDb();
  await server.stop();
  rmSync(home, { recursive: true, force: true });
  rmSync(root, { recursive: true });
}

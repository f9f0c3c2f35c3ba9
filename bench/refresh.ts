/**
 * How long it takes to see that nothing changed in a folder of 50,000 models: `npm run bench:refresh`. 500 folders of 100
 * LoRAs each, every tenth with a companion file. Beside it `find` printing path, size, time and inode of every file. The
 * best of five runs of each, in turns. `--record` appends the table to RESULTS.md.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { walkCollection } from '#lib/imports/layouts/index.ts';
import { compareFolder, type ModelStamp, stampOfModel } from '#lib/imports/watch/index.ts';

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

const root = mkdtempSync(join(tmpdir(), 'weighhouse-bench-refresh-'));
try {
  makeCollection(root);
  const known: ModelStamp[] = [];
  for await (const step of walkCollection(root)) if ('model' in step) known.push(stampOfModel(step.model));

  const refresh: { wall: number; processor: number }[] = [];
  const find: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
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
  const best = refresh.toSorted((one, other) => one.wall - other.wall)[0] ?? { wall: 0, processor: 0 };
  const rows = [
    '| what | s | processor s |',
    '| --- | ---: | ---: |',
    `| refresh: walk and comparison | ${best.wall.toFixed(2)} | ${best.processor.toFixed(2)} |`,
    `| \`find -printf\` | ${Math.min(...find).toFixed(2)} |  |`,
  ].join('\n');
  console.log(rows);
  if (process.argv.includes('--record')) {
    const date = new Date().toISOString().slice(0, 10);
    const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`;
    appendFileSync(
      join(import.meta.dirname, 'RESULTS.md'),
      `\n## A refresh without changes, ${date}\n\n${(FOLDERS * EACH).toLocaleString('en')} files in ${FOLDERS} folders, names in the page cache, ${machine} (\`npm run bench:refresh\`). The rows of the\ndatabase are in memory.\n\n${rows}\n`,
    );
  }
} finally {
  rmSync(root, { recursive: true });
}

// `npm run bench:memory [-- WORD…]`: files made for resource exhaustion, scanned by the real command one after another.
// Prints the verdict, the seconds, and how much memory the process that scans took at most; WORDs choose among them.
// Ends with 1 where one took 256 MiB, was stopped from outside or called clean without being so.
// `--explain` asks for the explanation as well; `--record` appends the table to RESULTS.md. Linux alone tells the peaks.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BOMBS, writeBomb } from '#test/fixtures/bombs.ts';
import { PeakMemory } from './peak-memory.ts';

const MIB = 1024 * 1024;
/** What is promised. */
const MOST = 256 * MIB;
const MAIN = join(import.meta.dirname, '..', 'lib', 'cli', 'main.ts');
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const explains = flags.includes('--explain');

interface Row {
  id: string;
  bytes: number;
  verdict: string;
  rules: string;
  seconds: number;
  worker: number;
  parent: number;
  output: number;
}

async function measure(id: string, path: string): Promise<Row> {
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, 'scan', ...(explains ? ['--explain'] : ['--format', 'json']), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const memory = new PeakMemory(child.pid ?? 0, [
    ['worker', 'scan/worker.ts'],
    ['parent', 'cli/main.ts'],
  ]);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const output = await text(child.stdout);
  await ended;
  const seconds = (performance.now() - began) / 1000;
  const peaks = memory.stop();
  const answer = {
    id,
    bytes: statSync(path).size,
    seconds,
    worker: peaks.get('worker') ?? 0,
    parent: peaks.get('parent') ?? 0,
    output: output.length,
  };
  if (explains) return { ...answer, verdict: /^[A-Z]+/.exec(output)?.[0].toLowerCase() ?? 'none', rules: '' };
  const { verdict, findings } = JSON.parse(output).files[0] as { verdict: string; findings: { rule: string }[] };
  return { ...answer, verdict, rules: [...new Set(findings.map(({ rule }) => rule))].join(', ') };
}

const HEAD =
  '| file | size | verdict | rules | seconds | MiB while scanning | MiB of the command | output kB |\n| --- | ---: | --- | --- | ---: | ---: | ---: | ---: |';
const lines: string[] = [];
const failed: string[] = [];
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-memory-'));
try {
  console.log(HEAD);
  for (const bomb of BOMBS.filter(({ id }) => words.length === 0 || words.some((word) => id.includes(word)))) {
    const path = join(folder, 'model.ckpt');
    writeBomb(path, bomb);
    const row = await measure(bomb.id, path);
    const size = row.bytes < MIB ? `${row.bytes} B` : `${Math.round(row.bytes / MIB)} MiB`;
    const line = `| ${row.id} | ${size} | ${row.verdict} | ${row.rules} | ${row.seconds.toFixed(1)} | ${Math.round(row.worker / MIB)} | ${Math.round(row.parent / MIB)} | ${Math.ceil(row.output / 1000)} |`;
    lines.push(line);
    console.log(line);
    if (row.worker >= MOST || row.rules.includes('scan/stopped') || (row.verdict === 'clean' && !bomb.clean))
      failed.push(row.id);
    rmSync(path);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (flags.includes('--record')) {
  const title = `## Files made to wear a reader out${explains ? ', explained' : ''}\n\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}.`;
  appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${title}\n\n${HEAD}\n${lines.join('\n')}\n`);
}
if (failed.length > 0) {
  console.error(`These took too much, were stopped, or were called clean: ${failed.join(', ')}`);
  process.exitCode = 1;
}

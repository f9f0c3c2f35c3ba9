// `npm run bench:start [-- --record]`: how long commands and a stage of the ingest take to begin, as multiples of an empty
// program of the same Node, beside picklescan (PICKLESCAN names it where it is not on the PATH), and how much memory an
// idle service takes. All of it is what people get: the package as npm installs it, and the bundle of `npm start`.
// Medians of seven, one of each in turn, after one that fills the caches. Ends with 1 where a bound does not hold.
// `--record` appends to RESULTS.md; `commands` among the arguments leaves the service out. Only Linux tells memory.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { installPackage } from '#test/support/package.ts';
import { startTestService } from '#test/support/service.ts';
import { PeakMemory } from './peak-memory.ts';
import { startStage } from './start/stage.ts';

const RUNS = 7;
const IDLE_MS = 15_000;
const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-start-'));
const file = join(folder, 'sd15.ckpt');

interface Subject {
  name: string;
  /** Runs it once; milliseconds. */
  run: () => Promise<number> | number;
  /** Bytes at its peak; null where that says nothing. */
  memory: (() => Promise<number>) | null;
  /** The most that is wanted: times an empty program. */
  times: number | null;
  /** Whether it shall take no more than half of picklescan's time, and less than 80 MiB. */
  isOfSmallFile: boolean;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function runCommand(command: string, args: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'ignore', cwd: folder });
  const milliseconds = performance.now() - began;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}.`);
  return milliseconds;
}

/** Bytes of resident memory of a command and what it starts, at the peak of each. */
async function memoryOf(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore', cwd: folder });
  const peak = new PeakMemory(child.pid ?? 0, [['all', '']], 2);
  await once(child, 'exit');
  return peak.stop().get('all') ?? 0;
}

function commandSubject(
  name: string,
  [command = '', ...args]: readonly string[],
  bounds: { times: number | null; isOfSmallFile?: boolean },
): Subject {
  return {
    name,
    run: () => runCommand(command, args),
    memory: () => memoryOf(command, args),
    isOfSmallFile: false,
    ...bounds,
  };
}

function findPicklescan(): string | null {
  const name = process.env.PICKLESCAN ?? 'picklescan';
  return spawnSync(name, ['--help'], { stdio: 'ignore' }).status === 0 ? name : null;
}

/** Bytes of the web server and of the worker, at their peaks, after they had nothing to do for a while. */
async function measureService(): Promise<ReadonlyMap<string, number>> {
  ensureBuilt();
  ensureBundle();
  const service = await startTestService();
  try {
    const peak = new PeakMemory(service.pid(), [
      ['web', 'app/server'],
      ['worker', 'lib/worker/main'],
    ]);
    await new Promise((next) => setTimeout(next, IDLE_MS));
    return peak.stop();
  } finally {
    await service.dispose();
  }
}

const failed: string[] = [];
function judge(what: string, value: number, most: number, unit: string): string {
  if (value > most) failed.push(`${what}: ${value.toFixed(1)} ${unit}, wanted at most ${most}`);
  return value > most ? 'no' : 'yes';
}

try {
  writeCheckpoint(file, 'sd1', { seed: 1 });
  const weighhouse = installPackage(folder);
  const node = process.execPath;
  const picklescan = findPicklescan();
  if (picklescan === null)
    console.error('picklescan is not there (pip install picklescan), so it is not compared with.');
  const command = (name: string, args: readonly string[], bounds: { times: number; isOfSmallFile?: boolean }) =>
    commandSubject(`\`${name}\``, [node, weighhouse, ...args], bounds);
  const subjects: Subject[] = [
    commandSubject('`node -e 0`', [node, '-e', '0'], { times: null }),
    ...(picklescan === null ? [] : [commandSubject('`picklescan`', [picklescan, '-p', file], { times: null })]),
    command('--version', ['--version'], { times: 3 }),
    command('--help', ['--help'], { times: 3 }),
    command('scan', ['scan', file], { times: 5, isOfSmallFile: true }),
    command('identify', ['identify', file], { times: 5, isOfSmallFile: true }),
    command('hash', ['hash', file], { times: 5, isOfSmallFile: true }),
  ];
  subjects.push({
    name: 'a stage, to the opening of its file',
    run: () => startStage(join(folder, 'node_modules', 'weighhouse'), folder),
    memory: null,
    times: 3,
    isOfSmallFile: false,
  });

  const taken = new Map<Subject, number[]>();
  for (let round = 0; round <= RUNS; round += 1) {
    for (const subject of subjects) {
      const milliseconds = await subject.run();
      if (round > 0) taken.set(subject, [...(taken.get(subject) ?? []), milliseconds]);
    }
  }
  const timeOf = (name: string) =>
    median(taken.get(subjects.find((subject) => subject.name.includes(name)) as Subject) ?? []);
  const empty = timeOf('node -e 0');
  const other = picklescan === null ? null : timeOf('picklescan');

  const rows: string[] = [];
  for (const subject of subjects) {
    const { name, times, isOfSmallFile } = subject;
    const milliseconds = median(taken.get(subject) ?? []);
    const memory = subject.memory === null ? null : (await subject.memory()) / MIB;
    const verdicts = [
      ...(times === null ? [] : [judge(name, milliseconds / empty, times, '× node -e 0')]),
      ...(isOfSmallFile && other !== null ? [judge(name, milliseconds / other, 0.5, '× picklescan')] : []),
      ...(isOfSmallFile && memory !== null ? [judge(name, memory, 80, 'MiB')] : []),
    ];
    const cells = [
      name,
      milliseconds.toFixed(0),
      (milliseconds / empty).toFixed(1),
      times === null ? '' : `${times}`,
      other === null ? '' : (milliseconds / other).toFixed(2),
      memory === null ? '' : memory.toFixed(0),
      verdicts.length === 0 ? '' : verdicts.includes('no') ? 'no' : 'yes',
    ];
    rows.push(`| ${cells.join(' | ')} |`);
  }
  const service = process.argv.includes('commands') ? new Map<string, number>() : await measureService();
  const idle = [...service].map(([name, bytes]) => {
    const holds = judge(`idle ${name}`, bytes / MIB, 150, 'MiB');
    return `| idle ${name} |  |  |  |  | ${(bytes / MIB).toFixed(0)} | ${holds} |`;
  });
  const results = [
    `## Start, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} when it ended. A checkpoint of 0.9 MB.`,
    '',
    '| what | ms | × `node -e 0` | wanted | × `picklescan` | peak MiB | holds |',
    '| --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows,
    ...idle,
    '',
  ].join('\n');
  console.log(results);
  for (const line of failed) console.error(`Does not hold: ${line}`);
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);
  if (failed.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

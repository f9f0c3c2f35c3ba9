import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { PeakMemory } from './peak-memory.ts';

/** What one process took from start to end. */
export interface MeasuredRun {
  what: string;
  seconds: number;
  /** Seconds of processor time of all its threads: what other work on the machine changes least. */
  processor: number;
  /** Bytes that it asked the system to read and to write (Linux), from memory or disk. */
  read: number;
  written: number;
  /** Peak of resident memory, in bytes. */
  peak: number;
}

/** Runs a command with its output thrown away. What others wrote is on the disk before it starts. */
export async function measureRun(what: string, command: string, args: readonly string[]): Promise<MeasuredRun> {
  spawnSync('sync');
  // What a process read and wrote becomes its parent's when it ends.
  const script = '"$0" "$@" > /dev/null; code=$?; times; cat /proc/$$/io 2> /dev/null; exit $code';
  const began = performance.now();
  const child = spawn('sh', ['-c', script, command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const memory = new PeakMemory(child.pid ?? 0, [[what, '']]);
  const [said, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('exit', resolve))]);
  const seconds = (performance.now() - began) / 1000;
  const peak = memory.stop().get(what) ?? 0;
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
  const counter = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(said)?.[1] ?? Number.NaN);
  const processor = secondsIn(said.split('\n')[1] ?? '');
  console.log(`${what}: ${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processor`);
  return { what, seconds, processor, read: counter('rchar'), written: counter('wchar'), peak };
}

/** The fastest of so many runs, with the least processor time of all: what else happens on a machine only adds. */
export async function bestOf(runs: number, measure: () => Promise<MeasuredRun>): Promise<MeasuredRun> {
  const all: MeasuredRun[] = [];
  for (let i = 0; i < runs; i += 1) all.push(await measure());
  const least = (of: (run: MeasuredRun) => number) => Math.min(...all.map(of));
  const [first] = all as [MeasuredRun];
  return {
    ...first,
    seconds: least(({ seconds }) => seconds),
    processor: least(({ processor }) => processor),
    peak: Math.max(...all.map(({ peak }) => peak)),
  };
}

/** What the shell's `times` says of its children, user and system: `0m1.25s 0m0.50s`. */
function secondsIn(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
}

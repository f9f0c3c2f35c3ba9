import { readFileSync } from 'node:fs';
import { residentBytes, usageOf } from '../upload/process-usage.ts';

/** Clock ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds of processor time until now: of a process alone, and of those that it started and that have ended. */
export function ownAndEnded(pid: number): { own: number; ended: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const sum = (...indices: number[]) => indices.reduce((total, index) => total + (fields[index] ?? 0), 0) / TICKS;
  return { own: sum(11, 12), ended: sum(13, 14) };
}

/** What the parts of a service have used, in seconds, by name. */
export function partsOf(pids: { web: number; worker: number; postgres: number }): Map<string, number> {
  const { own } = ownAndEnded(pids.worker);
  return new Map([
    ['stages (sandbox)', usageOf(pids.worker).processor - own],
    ['worker', own],
    ['PostgreSQL', usageOf(pids.postgres).processor],
    ['web server', usageOf(pids.web).processor],
    ['entering them (bench)', process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6],
  ]);
}

/** MiB that a process has resident. */
export function residentMiB(pid: number): number {
  return residentBytes(pid) / 2 ** 20;
}

import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds of processor time that a process and those that it started have used until now, by `/proc`. */
export function processorSeconds(pid: number): number {
  return treeOf(pid).reduce((sum, one) => sum + ticksOf(one), 0) / TICKS;
}

/** The processes below one whose command line has these words. */
export function findProcess(root: number, words: string): number | undefined {
  return treeOf(root).find((pid) => readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').includes(words));
}

function treeOf(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(fieldsOf(Number(name))[1]) }));
  const below = (pid: number): number[] => [
    pid,
    ...parents.filter(({ parent }) => parent === pid).flatMap((one) => below(one.pid)),
  ];
  return below(root);
}

function ticksOf(pid: number): number {
  const fields = fieldsOf(pid);
  // utime, stime, and those of children that have ended.
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
}

/** The fields of `/proc/PID/stat` behind the name, which may have spaces and brackets in it. */
function fieldsOf(pid: number): string[] {
  const text = readOr(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

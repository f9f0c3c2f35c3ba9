import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** What a process and those that it started have used until now, by `/proc`; of another user's it may say nothing. */
export interface ProcessUsage {
  /** Seconds of processor time. */
  processor: number;
  /** Bytes that were read and written by system calls, of files, pipes and sockets. */
  read: number;
  written: number;
  /** Bytes of them that came from a disk, and that were handed to one. */
  fromDisk: number;
  toDisk: number;
}

/** Counts what has ended as well: the system adds it to the process that waited for it. */
export function usageOf(pid: number): ProcessUsage {
  const sum = { processor: 0, read: 0, written: 0, fromDisk: 0, toDisk: 0 };
  for (const one of treeOf(pid)) {
    const io = readOr(`/proc/${one}/io`);
    const bytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1] ?? 0);
    sum.processor += ticksOf(one) / TICKS;
    sum.read += bytes('rchar');
    sum.written += bytes('wchar');
    sum.fromDisk += bytes('read_bytes');
    sum.toDisk += bytes('write_bytes');
  }
  return sum;
}

/** What was used between two looks. */
export function usageBetween(before: ProcessUsage, after: ProcessUsage): ProcessUsage {
  return {
    processor: after.processor - before.processor,
    read: after.read - before.read,
    written: after.written - before.written,
    fromDisk: after.fromDisk - before.fromDisk,
    toDisk: after.toDisk - before.toDisk,
  };
}

/** Bytes of memory that a process has at the moment. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
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

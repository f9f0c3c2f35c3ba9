import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ProbeAnswer, ProbeTask } from './probe-child.ts';

export const PROBE = resolve('test/support/probe-child.ts');
const CANARY = 'canary-7f3a91c2';
/** Of one process: one that blocks counts as one that ended itself. */
const PATIENCE_MS = 60_000;

export interface ProbeResult {
  /** Built-in modules that the process has not. */
  absent: readonly string[];
  /** What gave out the contents of a file outside. */
  read: readonly string[];
  /** What became of the folder outside. */
  changed: readonly string[];
  connections: number;
  /** Whether the process of somebody else goes on as it did. */
  victimIsWell: boolean;
  /** What ended the process, which is all that it ended. */
  ended: readonly string[];
}

/**
 * Runs `probe-child.ts` in a Node of these flags, again after each call that ends it, and looks at what it did outside.
 * Never give it every right: what it is refused then is nothing.
 */
export async function runProbe(
  flagsFor: (outside: string) => readonly string[],
  { modules, cwd }: { modules: readonly string[]; cwd: string },
): Promise<ProbeResult> {
  const outside = mkdtempSync(join(tmpdir(), 'weighhouse-outside-'));
  writeFileSync(join(outside, 'canary.txt'), `VALUE=${CANARY}\n`);
  writeFileSync(join(outside, 'program'), '#!/bin/sh\necho > "$1"\n', { mode: 0o755 });
  const flags = flagsFor(outside);
  if (!flags.includes('--permission')) throw new Error('The probe would do harm.');
  let connections = 0;
  const servers = [createServer(), createServer()] as const;
  for (const server of servers)
    server.on('connection', (socket) => {
      connections += 1;
      socket.destroy();
    });
  const port = await listen(servers[0], 0);
  await listen(servers[1], join(outside, 'socket'));
  const victim = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const pid = victim.pid ?? 0;
  const before = { files: listing(outside), priority: getPriority(pid) };

  const read = new Set<string>();
  const ended: string[] = [];
  let from = 0;
  try {
    for (;;) {
      const task = { outside, canary: CANARY, port, victim: pid, modules, from, skip: ended };
      const answers = await runOnce(flags, cwd, task);
      for (const answer of answers) if ('read' in answer) read.add(answer.read);
      const last = answers.findLast((answer): answer is Exclude<ProbeAnswer, { read: string }> => !('read' in answer));
      if (last === undefined) throw new Error('The probe said nothing.');
      if ('absent' in last) {
        const isAlive = victim.exitCode === null && victim.signalCode === null && !isStopped(pid);
        const files = listing(outside);
        return {
          absent: last.absent,
          read: [...read],
          connections,
          victimIsWell: isAlive && getPriority(pid) === before.priority,
          changed: [...files, ...before.files].filter((line) => !files.includes(line) || !before.files.includes(line)),
          ended,
        };
      }
      ended.push(last.at);
      from = last.position - 1;
    }
  } finally {
    victim.kill('SIGKILL');
    for (const server of servers) server.close();
    rmSync(outside, { recursive: true, force: true });
  }
}

async function runOnce(flags: readonly string[], cwd: string, task: ProbeTask): Promise<ProbeAnswer[]> {
  const child = spawn(process.execPath, [...flags, PROBE], {
    cwd,
    env: { NODE_ENV: 'production', PATH: '', HOME: cwd, NODE_NO_WARNINGS: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(task));
  return (await text(child.stdout)).split('\n').flatMap((line) => {
    // What is called prints as well.
    try {
      const answer = JSON.parse(line) as ProbeAnswer | null;
      return typeof answer === 'object' && answer !== null && ['at', 'read', 'absent'].some((key) => key in answer)
        ? [answer]
        : [];
    } catch {
      return [];
    }
  });
}

function listen(server: Server, where: number | string): Promise<number> {
  return new Promise((ready) =>
    server.listen(where, () => {
      const address = server.address();
      ready(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
}

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const { mode, size, mtimeMs, uid, nlink } = statSync(join(folder, name));
    return [name, mode.toString(8), size, mtimeMs, uid, nlink].join(' ');
  });
}

function isStopped(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  return /\) [TtZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** What a program inside the sandbox might try; each attempt's outcome goes back as the result. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { readCommand } from '#lib/process/index.ts';

interface Task {
  attempt: string;
  path: string;
  port: number;
}
const answer = (message: object) => console.log(JSON.stringify(message));

async function attempt(task: Task): Promise<unknown> {
  switch (task.attempt) {
    case 'read':
      return readFileSync(task.path, 'utf8');
    case 'write':
      return writeFileSync(task.path, 'x');
    case 'link':
      return symlinkSync(task.path, join(process.cwd(), 'other'));
    case 'pid':
      return process.pid;
    case 'grow-later':
      setTimeout(() => {
        for (const kept: Buffer[] = []; ; ) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
      }, 100);
      return process.pid;
    case 'spawn':
      return spawnSync('/bin/true').error?.message ?? 'spawned';
    case 'worker':
      return new Worker('', { eval: true }).threadId;
    case 'addon': {
      const { Blake3Hasher } = await import('@napi-rs/blake-hash');
      return new Blake3Hasher().update('hello world').digest('hex');
    }
    case 'connect':
      return await new Promise((resolve, reject) =>
        connect(task.port, '127.0.0.1', () => resolve('connected')).once('error', reject),
      );
    case 'signal':
      return process.kill(process.ppid, 0);
    case 'priority':
      return setPriority(process.ppid, 0);
    case 'own-priority':
      setPriority(5);
      return getPriority();
    case 'flags':
      return setFlagsFromString('--allow-natives-syntax');
    case 'database':
      return process.getBuiltinModule('node:sqlite') === undefined ? 'ERR_ACCESS_DENIED' : 'there';
    case 'environment':
      return Object.keys(process.env).sort();
    case 'heap': {
      const kept: unknown[] = [];
      for (;;) kept.push(Array.from({ length: 1000 }, Math.random));
    }
    case 'buffers': {
      const kept: Buffer[] = [];
      for (;;) {
        kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
        await new Promise((next) => setTimeout(next, 5));
      }
    }
    case 'hang':
      return await new Promise((resolve) => setTimeout(resolve, 600_000));
    case 'exit':
      return process.exit(3);
    default:
      throw new Error(`There is no attempt called ${task.attempt}.`);
  }
}

for (;;) {
  const task = readCommand<Task | { ahead: true }>();
  if (task === null) break;
  if ('ahead' in task) continue;
  try {
    if (task.attempt === 'needs') answer({ needs: task.path });
    else answer({ result: (await attempt(task)) ?? null });
  } catch (error) {
    answer({ result: (error as NodeJS.ErrnoException).code ?? String(error) });
  }
  // What it does later comes before the next task.
  if (task.attempt === 'grow-later') await new Promise(() => {});
}

/** What `test/unit/process` has a watched process do. Works on both channels. */
import { fstatSync, writeSync } from 'node:fs';
import { openParentChannel, readCommand } from '#lib/process/index.ts';

export type WatchedCommand = { do: string; filler?: string };
export type WatchedAnswer = { kind: 'ready' | 'tick'; count: number } | { kind: 'last'; pid: number; value?: unknown };

/** On the channel `messages` there is no standard output. */
const isDuplex = !fstatSync(1).isSocket() && !fstatSync(1).isFIFO();
const parent = isDuplex ? openParentChannel<WatchedCommand, WatchedAnswer>(work) : null;

function answer(message: WatchedAnswer): void {
  if (parent !== null) parent.send(message);
  else print(`${JSON.stringify(message)}\n`);
}

const last = (value?: unknown) => answer({ kind: 'last', pid: process.pid, value });

function print(text: string, fd = 1): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes, at);
}

/** Waits while the pipe is full. */
function writeSome(fd: number, bytes: Buffer, at = 0): number {
  try {
    return writeSync(fd, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return 0;
  }
}

function work({ do: what }: WatchedCommand): unknown {
  switch (what) {
    case 'answer':
      return last();
    case 'environment':
      return last(Object.keys(process.env).sort());
    case 'tick':
      for (let count = 0; count < 500; count++) answer({ kind: 'tick', count });
      // When the last one is on its way.
      if (parent !== null) parent.send({ kind: 'tick', count: 500 }, () => process.exit(0));
      else answer({ kind: 'tick', count: 500 });
      return;
    case 'tick-forever': {
      let count = 0;
      return setInterval(() => answer({ kind: 'tick', count: count++ }), 20);
    }
    case 'unended-line':
      return print(JSON.stringify({ kind: 'tick', count: 1 } satisfies WatchedAnswer));
    case 'no-answers':
      print('5\nnull\n[1]\n"text"\nnot JSON\n\n');
      return last();
    case 'print-forever':
      for (;;) print('This is no answer.\n'.repeat(1000));
    case 'line-forever':
      for (;;) print('x'.repeat(64 * 1024));
    case 'message-forever':
      // As if it had begun one of 4 GB.
      for (writeSync(3, Buffer.alloc(4, 0xff)); ; ) writeSome(3, Buffer.alloc(64 * 1024));
    case 'large-message':
      return last('x'.repeat(2 * 1024 * 1024));
    case 'no-message':
      return writeSync(3, Buffer.from([0, 0, 0, 2, 1, 2]));
    case 'log':
      print(`${'a line of the log\n'.repeat(10_000)}the end of the log\n`, 2);
      return process.exit(4);
    case 'lie-about-heap':
      print('FATAL ERROR: JavaScript heap out of memory\n', 2);
      return process.exit(5);
    case 'exit':
      return process.exit(3);
    case 'buffers': {
      const kept: Buffer[] = [];
      return setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5);
    }
    case 'heap': {
      const kept: unknown[] = [];
      for (;;) kept.push(Array.from({ length: 1000 }, Math.random));
    }
    case 'hang':
      answer({ kind: 'ready', count: 0 });
      return setInterval(() => {}, 1000);
    case 'spin':
      answer({ kind: 'ready', count: 0 });
      // Once the answer is on its way.
      return setTimeout(() => {
        for (;;);
      }, 20);
    case 'cancel':
      return last('cancelled');
  }
}

if (!isDuplex) work(readCommand<WatchedCommand>() ?? { do: 'nothing' });

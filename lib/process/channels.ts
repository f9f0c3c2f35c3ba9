import type { ChildProcess, StdioOptions } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { readFrames, writeFrame } from './frames.ts';
import { readLines } from './read-lines.ts';

/**
 * How commands and answers travel, no answer being longer than allowed. `lines` (`readCommand` on the other side): JSON
 * objects, one a line, on the standard input and the standard output; what is no such object is passed over. `messages`
 * (`openParentChannel` on the other side): any objects that can be cloned, each after its length. Node's own channel
 * between processes (`ipc`) keeps a message of any length until it is whole.
 */
export type ChannelKind = 'lines' | 'messages';

export interface Channel {
  stdio: StdioOptions;
  /** Whether the process can be sent a further command. */
  isOpen(child: ChildProcess): boolean;
  send(child: ChildProcess, command: object): void;
  /** Says that no further command follows. */
  finish(child: ChildProcess): void;
  /** Hands out what comes; `onTooLong` is told of an answer of more than `maxAnswer` bytes. */
  listen(child: ChildProcess, maxAnswer: number, onAnswer: (answer: object) => void, onTooLong: () => void): void;
}

export const CHANNELS: Readonly<Record<ChannelKind, Channel>> = {
  lines: {
    stdio: ['pipe', 'pipe', 'pipe'],
    isOpen: ({ stdin }) => stdin?.writable === true,
    send({ stdin }, command) {
      // A child that dies at once closes its input while the command is written; how it ended is told otherwise.
      if (stdin?.listenerCount('error') === 0) stdin.on('error', () => {});
      stdin?.write(`${JSON.stringify(command)}\n`);
    },
    finish({ stdin }) {
      stdin?.end();
    },
    listen({ stdout }, maxAnswer, onAnswer, onTooLong) {
      if (!stdout) return;
      const onLine = (line: string) => {
        const answer = parseObject(line);
        if (answer !== null) onAnswer(answer);
      };
      readLines(stdout, maxAnswer, { onLine, onTooLong });
    },
  },
  messages: {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    isOpen: (child) => pipeOf(child)?.writable === true,
    send(child, command) {
      const pipe = pipeOf(child);
      if (pipe?.writable === true) writeFrame(pipe, command);
    },
    // Such a program goes on until it is ended.
    finish() {},
    listen(child, maxAnswer, onMessage, onRefused) {
      const pipe = pipeOf(child);
      if (pipe === null) return;
      // As above.
      pipe.on('error', () => {});
      readFrames(pipe, maxAnswer, { onMessage, onRefused });
    },
  },
};

function pipeOf({ stdio }: ChildProcess): Duplex | null {
  return (stdio[3] as Duplex | null | undefined) ?? null;
}

function parseObject(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

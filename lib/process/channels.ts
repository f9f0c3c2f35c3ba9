import type { ChildProcess, StdioOptions } from 'node:child_process';
import { readLines } from './read-lines.ts';

/**
 * How commands and answers travel. `lines`, for a program that reads what strangers made: one command on its standard
 * input, answers as JSON objects on its standard output, one a line and none longer than allowed; what is no such object
 * is passed over. `ipc`, for a conversation with a program that this side trusts: any values that can be cloned.
 */
export type ChannelKind = 'lines' | 'ipc';

export interface Channel {
  stdio: StdioOptions;
  /** Whether the process can be sent a further command. */
  isOpen(child: ChildProcess): boolean;
  send(child: ChildProcess, command: object): void;
  /** Hands out what comes; `onTooLong` is told of a line of more than `maxAnswer` bytes. */
  listen(child: ChildProcess, maxAnswer: number, onAnswer: (answer: object) => void, onTooLong: () => void): void;
  /** Resolves when no further answer can come from a process that has ended. */
  drained(child: ChildProcess): Promise<void>;
}

export const CHANNELS: Readonly<Record<ChannelKind, Channel>> = {
  lines: {
    stdio: ['pipe', 'pipe', 'pipe'],
    isOpen: ({ stdin }) => stdin?.writable === true,
    send({ stdin }, command) {
      // A child that dies at once closes its input while the command is written; how it ended is told otherwise.
      stdin?.on('error', () => {});
      stdin?.end(JSON.stringify(command));
    },
    listen({ stdout }, maxAnswer, onAnswer, onTooLong) {
      if (!stdout) return;
      const onLine = (line: string) => {
        const answer = parseObject(line);
        if (answer !== null) onAnswer(answer);
      };
      readLines(stdout, maxAnswer, { onLine, onTooLong });
    },
    // `close` comes after the end of the output.
    drained: async () => {},
  },
  ipc: {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    isOpen: ({ connected }) => connected,
    // A child that is gone is told otherwise.
    send(child, command) {
      if (child.connected) child.send(command, () => {});
    },
    listen: (child, _, onAnswer) => void child.on('message', onAnswer),
    drained: async (child) => {
      if (child.connected) await new Promise<void>((resolve) => child.once('disconnect', () => resolve()));
    },
  },
};

function parseObject(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

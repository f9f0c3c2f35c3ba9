import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ProcessEnd, type ProcessOptions, WatchedProcess } from '#lib/process/index.ts';
import type { WatchedAnswer, WatchedCommand } from '#test/support/watched-child.ts';

const MIB = 1024 * 1024;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse process ')));
const child = resolve('test/support/watched-child.ts');
type Last = Extract<WatchedAnswer, { kind: 'last' }>;
const isLast = (answer: WatchedAnswer): answer is Last => answer.kind === 'last';

let running: WatchedProcess<WatchedCommand, WatchedAnswer> | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await running?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(options: Partial<ProcessOptions> = {}) {
  running = new WatchedProcess({ entry: child, rights: { read: [] }, channel: 'messages', ...options });
  return running;
}

async function endOf(outcome: Promise<WatchedAnswer | ProcessEnd>): Promise<ProcessEnd> {
  const end = await outcome;
  if (!(end instanceof ProcessEnd)) throw new Error(`It answered: ${JSON.stringify(end)}`);
  return end;
}

describe.each(['lines', 'messages'] as const)('a process on the channel "%s"', (channel) => {
  it('has an environment without anything of its parent', async () => {
    process.env.DATABASE_URL = 'postgresql://somebody:password@localhost/x';
    try {
      const answer = await open({ channel }).exchange({ do: 'environment' }, { isLast });
      expect(answer).toMatchObject({ value: ['LANG', 'NODE_ENV', 'NODE_NO_WARNINGS', 'PATH', 'TZ'] });
    } finally {
      delete process.env.DATABASE_URL;
    }
  });

  it('has every answer handed out in order before it is said to have ended', async () => {
    const counts: number[] = [];
    const end = await endOf(
      open({ channel }).exchange({ do: 'tick' }, { onAnswer: (said) => 'count' in said && counts.push(said.count) }),
    );
    expect(counts).toEqual(Array.from({ length: 501 }, (_, index) => index));
    expect(end).toMatchObject({ cause: 'itself', code: 0, signal: null, how: 'exit code 0' });
  });

  it('that dies at once is told by its exit code, however much was sent to it', async () => {
    const entry = join(folder, 'dies.mjs');
    writeFileSync(entry, 'process.exit(3);');
    const end = await endOf(open({ channel, entry }).exchange({ do: '', filler: 'x'.repeat(8 * MIB) }, {}));
    expect(end).toMatchObject({ cause: 'itself', code: 3, how: 'exit code 3' });
  });

  it('whose program is not there says so in its log', async () => {
    const entry = join(folder, 'nothing.ts');
    const end = await endOf(open({ channel, entry }).exchange({ do: 'answer' }, {}));
    expect(end).toMatchObject({ cause: 'itself', code: 1, log: expect.stringContaining(entry) });
  });

  it('that cannot be started is told apart', async () => {
    const end = await endOf(open({ channel, cwd: join(folder, 'nowhere') }).exchange({ do: 'answer' }, {}));
    expect(end).toMatchObject({ cause: 'start', log: expect.stringContaining('ENOENT') });
  });

  it('leaves the end of its log, and no more', async () => {
    const { cause, code, log } = await endOf(open({ channel }).exchange({ do: 'log' }, {}));
    expect([cause, code]).toEqual(['itself', 4]);
    expect(log.endsWith('a line of the log\nthe end of the log')).toBe(true);
    expect(log.length).toBeLessThanOrEqual(16 * 1024);
    expect(log.length).toBeGreaterThan(15 * 1024);
  });

  it('is ended at its ceiling of memory', async () => {
    if (process.platform === 'win32') return;
    const end = await endOf(open({ channel }).exchange({ do: 'buffers' }, { memory: 256 * MIB }));
    expect(end).toMatchObject({ cause: 'memory', signal: 'SIGKILL' });
  });

  it('is told by its heap where that is full', async () => {
    const end = await endOf(open({ channel, heap: { size: 64 } }).exchange({ do: 'heap' }, {}));
    expect(end.cause).toBe('heap');
  });

  it('that only writes what V8 would is not taken for one whose heap is full', async () => {
    const end = await endOf(open({ channel }).exchange({ do: 'lie-about-heap' }, {}));
    expect(end).toMatchObject({ cause: 'itself', code: 5 });
  });

  it('is ended at its deadline', async () => {
    const end = await endOf(open({ channel }).exchange({ do: 'hang' }, { time: 500 }));
    expect(end).toMatchObject({ cause: 'time', signal: 'SIGKILL', how: 'SIGKILL' });
  });

  it('is ended at its deadline also while it answers, which an answer does not put off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let ticks = 0;
    const onAnswer = () => {
      ticks += 1;
      vi.advanceTimersByTime(25_000);
    };
    const end = await endOf(open({ channel }).exchange({ do: 'tick-forever' }, { time: 60_000, onAnswer }));
    expect(end.cause).toBe('time');
    expect(ticks).toBeGreaterThanOrEqual(3);
  });

  it('has its deadline put off by each answer where silence is what is limited', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let ticks = 0;
    const onAnswer = () => {
      ticks += 1;
      vi.advanceTimersByTime(ticks < 10 ? 50_000 : 60_000);
    };
    const end = await endOf(open({ channel }).exchange({ do: 'tick-forever' }, { silence: 60_000, onAnswer }));
    expect(end.cause).toBe('time');
    expect(ticks).toBeGreaterThanOrEqual(10);
  });

  it('is not even started where it was cancelled before', async () => {
    const watched = open({ channel, cwd: join(folder, 'nowhere') });
    const end = await watched.exchange({ do: 'answer' }, { signal: AbortSignal.abort() });
    expect(end).toEqual(new ProcessEnd('cancelled'));
  });

  it.each(['hang', 'spin'])('is ended when it is cancelled while it does %s', async (what) => {
    const stop = new AbortController();
    const onAnswer = () => stop.abort();
    const end = await endOf(open({ channel }).exchange({ do: what }, { signal: stop.signal, onAnswer }));
    expect(end).toMatchObject({ cause: 'cancelled', signal: 'SIGKILL' });
  });

  it('is ended when it is no longer wanted', async () => {
    const watched = open({ channel });
    const end = await endOf(watched.exchange({ do: 'hang' }, { onAnswer: () => void watched.stop() }));
    expect(end).toMatchObject({ cause: 'stopped', signal: 'SIGKILL' });
  });

  it('is ended by an error of whoever hears it, which is passed on', async () => {
    const onAnswer = () => {
      throw new RangeError('Too many.');
    };
    const watched = open({ channel });
    await expect(watched.exchange({ do: 'hang' }, { onAnswer })).rejects.toThrow(RangeError);
    await expect.poll(() => watched.residentMemory()).toBe(0);
  });
});

describe('a process that answers line by line', () => {
  it('may leave out the end of its last line', async () => {
    const answers: WatchedAnswer[] = [];
    const onAnswer = (said: WatchedAnswer) => void answers.push(said);
    await open({ channel: 'lines' }).exchange({ do: 'unended-line' }, { onAnswer });
    expect(answers).toEqual([{ kind: 'tick', count: 1 }]);
  });

  it('may print what is no answer', async () => {
    const answers: WatchedAnswer[] = [];
    const onAnswer = (said: WatchedAnswer) => void answers.push(said);
    await open({ channel: 'lines' }).exchange({ do: 'no-answers' }, { onAnswer });
    expect(answers).toEqual([{ kind: 'last', pid: expect.any(Number) }]);
  });

  it('and prints forever is ended at its deadline', async () => {
    const end = await endOf(open({ channel: 'lines' }).exchange({ do: 'print-forever' }, { time: 1000 }));
    expect(end.cause).toBe('time');
  });

  it('and prints one line forever is ended when that is too long', async () => {
    const watched = open({ channel: 'lines', maxAnswer: MIB });
    const end = await endOf(watched.exchange({ do: 'line-forever' }, {}));
    expect(end).toMatchObject({ cause: 'answer-size', signal: 'SIGKILL' });
  });
});

describe('a process that is talked with', () => {
  it.each(['message-forever', 'large-message', 'no-message'])('and sends %s is ended for it', async (what) => {
    const end = await endOf(open({ maxAnswer: MIB }).exchange({ do: what }, { isLast }));
    expect(end).toMatchObject({ cause: 'answer-size', signal: 'SIGKILL' });
  });

  it('may send as much as is allowed', async () => {
    const answer = await open({ maxAnswer: 3 * MIB }).exchange({ do: 'large-message' }, { isLast });
    expect(answer).toMatchObject({ value: 'x'.repeat(2 * MIB) });
  });

  it('serves one command after the other, and is started again after it ended', async () => {
    const watched = open();
    const ask = async () => (await watched.exchange({ do: 'answer' }, { isLast })) as Last;
    const first = await ask();
    expect((await ask()).pid).toBe(first.pid);
    if (process.platform !== 'win32') expect(await watched.residentMemory()).toBeGreaterThan(10 * MIB);
    expect(await endOf(watched.exchange({ do: 'exit' }, { isLast }))).toMatchObject({ cause: 'itself', code: 3 });
    expect(await watched.residentMemory()).toBe(0);
    const second = await ask();
    expect(second.pid).not.toBe(first.pid);
    await watched.stop();
    expect((await ask()).pid).not.toBe(second.pid);
  });

  it('is asked to cancel, and goes on where it can', async () => {
    const watched = open();
    const cancel = { command: { do: 'cancel' }, grace: 600_000 };
    const stop = new AbortController();
    const onAnswer = () => stop.abort();
    const answer = await watched.exchange({ do: 'hang' }, { isLast, onAnswer, signal: stop.signal, cancel });
    expect(answer).toMatchObject({ kind: 'last', value: 'cancelled' });
    expect(await watched.exchange({ do: 'answer' }, { isLast })).toMatchObject({ pid: (answer as Last).pid });
  });

  it('is ended when it does not do what it was asked', async () => {
    const stop = new AbortController();
    const end = await endOf(
      open().exchange(
        { do: 'spin' },
        {
          isLast,
          onAnswer: () => stop.abort(),
          signal: stop.signal,
          cancel: { command: { do: 'nothing' }, grace: 200 },
        },
      ),
    );
    expect(end).toMatchObject({ cause: 'cancelled', signal: 'SIGKILL' });
  });

  it('leaves nothing behind that listens to a cancellation', async () => {
    const stop = new AbortController();
    const watched = open();
    const first = (await watched.exchange({ do: 'answer' }, { isLast, signal: stop.signal })) as Last;
    stop.abort();
    expect(await watched.exchange({ do: 'answer' }, { isLast })).toMatchObject({ pid: first.pid });
  });
});

import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureKind, failureHere } from '#app/components/uploads/failures.ts';
import {
  nextTask,
  retryDelay,
  type TaskEvent,
  type TaskState,
  type UploadTask,
} from '#app/components/uploads/upload-task.ts';

const SIZE = 1000;
const queued: UploadTask = {
  id: 'file 1',
  uploadId: null,
  name: 'model.ckpt',
  size: SIZE,
  modelId: null,
  part: null,
  sent: 0,
  failures: 0,
  state: { kind: 'queued' },
};
const after = (task: UploadTask, ...events: TaskEvent[]) => events.reduce(nextTask, task);
const fail = (kind: FailureKind, now = 0): TaskEvent => ({ type: 'failed', failure: failureHere(kind), now });
const progress = (sent: number, now = 0): TaskEvent => ({ type: 'progress', sent, now });
const sending = after(queued, { type: 'start' }, { type: 'created', uploadId: 'a' }, progress(400));
const KINDS = Object.keys(FAILURES) as FailureKind[];

describe('the state of an upload', () => {
  it('goes from the queue to the last byte and the answer of the server', () => {
    expect(after(queued, { type: 'start' }).state.kind).toBe('preparing');
    expect([sending.state.kind, sending.sent, sending.uploadId]).toEqual(['sending', 400, 'a']);
    const whole = after(sending, progress(SIZE));
    expect(whole.state.kind).toBe('finishing');
    expect(after(whole, { type: 'complete', now: 5 }).state).toEqual({ kind: 'complete', at: 5 });
  });

  it.each(KINDS)('after %s is tried again as often as the table says, and then waits for a person', (kind) => {
    let task = sending;
    const { retries } = FAILURES[kind];
    for (let attempt = 0; attempt < Math.min(retries, 50); attempt += 1) {
      task = after(task, fail(kind, 1000));
      expect(task.state.kind).toBe('waiting');
      expect(task.state.kind === 'waiting' && task.state.retryAt).toBeGreaterThan(1000);
      task = after(task, { type: 'again' }, { type: 'start' });
    }
    if (retries > 50) return;
    task = after(task, fail(kind));
    expect(task.state).toEqual({ kind: 'failed', failure: failureHere(kind) });
    // A person may try it again, from the first delay on.
    expect(after(task, { type: 'queue' })).toMatchObject({ failures: 0, state: { kind: 'queued' } });
  });

  it('counts failures anew once bytes went out', () => {
    const failed = after(sending, fail('server_error'), { type: 'start' }, fail('server_error'), { type: 'start' });
    expect(failed.failures).toBe(2);
    expect(after(failed, progress(400)).failures).toBe(2);
    expect(after(failed, progress(500)).failures).toBe(0);
  });

  it('knows since when no byte has moved', () => {
    const movedAt = ({ state }: UploadTask) => ('movedAt' in state ? state.movedAt : null);
    const at10 = after(sending, progress(500, 10));
    expect(movedAt(at10)).toBe(10);
    expect(movedAt(after(at10, progress(500, 20)))).toBe(10);
    expect(movedAt(after(at10, progress(501, 30)))).toBe(30);
  });

  it('is not changed by what an attempt reports that was ended', () => {
    const states: TaskState[] = [
      { kind: 'queued' },
      { kind: 'paused' },
      { kind: 'elsewhere', isPaused: false },
      { kind: 'failed', failure: failureHere('no_room') },
      { kind: 'complete', at: 1 },
    ];
    for (const state of states) {
      const task = { ...sending, state };
      expect(after(task, progress(900))).toBe(task);
      expect(after(task, fail('offline'))).toBe(task);
    }
    const complete: UploadTask = { ...sending, state: { kind: 'complete', at: 1 } };
    expect(after(complete, { type: 'pause' })).toBe(complete);
  });

  it('waits longer from one attempt to the next, up to half a minute, and as long as the server asks', () => {
    const delays = Array.from({ length: 9 }, (_, failures) => retryDelay(failures, null));
    expect(delays).toEqual(delays.toSorted((one, other) => one - other));
    expect(delays.at(-1)).toBe(30_000);
    expect(retryDelay(0, 60)).toBe(60_000);
    expect(retryDelay(8, 1)).toBe(30_000);
  });
});

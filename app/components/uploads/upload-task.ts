import { FAILURES, type Failure } from './failures.ts';

/** What is happening to a file that was selected in this tab, or that another tab of this browser sends. */
export type TaskState =
  | { kind: 'queued' }
  /** Another tab sends it; this one goes on when that one is closed. */
  | { kind: 'elsewhere'; isPaused: boolean }
  /** The upload is being created, or its position is being asked for. */
  | { kind: 'preparing' }
  /** `movedAt`: when bytes last went out, in milliseconds. */
  | { kind: 'sending'; movedAt: number }
  /** Every byte was sent, and the server has not answered yet. */
  | { kind: 'finishing'; movedAt: number }
  | { kind: 'paused' }
  /** Tried again by itself at `retryAt`. */
  | { kind: 'waiting'; failure: Failure; retryAt: number }
  /** Not tried again by itself. */
  | { kind: 'failed'; failure: Failure }
  | { kind: 'complete'; at: number };

export interface UploadTask {
  id: string;
  /** The tus id; null until the server has created the upload. */
  uploadId: string | null;
  name: string;
  /** Bytes. */
  size: number;
  /** The model that it is a new version of. */
  modelId: number | null;
  /** Of one of the files of a model in several: its upload set, and its path there. */
  part: { set: string; path: string } | null;
  /** Bytes. */
  sent: number;
  /** Attempts that failed since bytes last went out. */
  failures: number;
  state: TaskState;
}

export type TaskEvent =
  | { type: 'queue' }
  /** Its time to be tried again has come. */
  | { type: 'again' }
  | { type: 'start' }
  | { type: 'created'; uploadId: string }
  | { type: 'progress'; sent: number; now: number }
  | { type: 'failed'; failure: Failure; now: number }
  | { type: 'pause' }
  | { type: 'elsewhere'; isPaused: boolean }
  | { type: 'start-over' }
  | { type: 'complete'; now: number };

/** A task after an event. Whatever comes late for a task that nobody sends any more changes nothing. */
export function nextTask(task: UploadTask, event: TaskEvent): UploadTask {
  switch (event.type) {
    case 'queue':
      return { ...task, failures: 0, state: { kind: 'queued' } };
    case 'again':
      return { ...task, state: { kind: 'queued' } };
    case 'start':
      return { ...task, state: { kind: 'preparing' } };
    case 'created':
      return { ...task, uploadId: event.uploadId };
    case 'progress': {
      if (!isActive(task.state)) return task;
      const { sent, now } = event;
      const hasMoved = sent !== task.sent || task.state.kind === 'preparing';
      const movedAt = hasMoved || !('movedAt' in task.state) ? now : task.state.movedAt;
      const kind = sent >= task.size ? 'finishing' : 'sending';
      return { ...task, sent, failures: sent > task.sent ? 0 : task.failures, state: { kind, movedAt } };
    }
    case 'failed': {
      if (!isActive(task.state)) return task;
      const { failure, now } = event;
      if (task.failures >= FAILURES[failure.kind].retries) return { ...task, state: { kind: 'failed', failure } };
      const retryAt = now + retryDelay(task.failures, failure.retryAfter);
      return { ...task, failures: task.failures + 1, state: { kind: 'waiting', failure, retryAt } };
    }
    case 'pause':
      return isActive(task.state) || task.state.kind === 'queued' || task.state.kind === 'waiting'
        ? { ...task, state: { kind: 'paused' } }
        : task;
    case 'elsewhere':
      return { ...task, state: { kind: 'elsewhere', isPaused: event.isPaused } };
    case 'start-over':
      return { ...task, uploadId: null, sent: 0, failures: 0, state: { kind: 'queued' } };
    case 'complete':
      return { ...task, sent: task.size, failures: 0, state: { kind: 'complete', at: event.now } };
  }
}

/** True while an attempt is under way. */
export function isActive({ kind }: TaskState): boolean {
  return kind === 'preparing' || kind === 'sending' || kind === 'finishing';
}

const DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000];
const MAX_DELAY_MS = 30_000;

/** Milliseconds until the next attempt after so many failed ones; never earlier than the server asks for, in seconds. */
export function retryDelay(failures: number, retryAfter: number | null): number {
  return Math.max(DELAYS_MS[failures] ?? MAX_DELAY_MS, (retryAfter ?? 0) * 1000);
}

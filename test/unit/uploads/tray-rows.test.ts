import { describe, expect, it } from 'vitest';
import { failureHere } from '#app/components/uploads/failures.ts';
import { SpeedMeter } from '#app/components/uploads/speed.ts';
import { refuseFile, summarize, trayRows } from '#app/components/uploads/tray-rows.ts';
import type { UploadTask } from '#app/components/uploads/upload-task.ts';
import { STAGES } from '#lib/stages.ts';
import type { UploadView } from '#lib/uploads/client.ts';

const task = (state: UploadTask['state'], more: Partial<UploadTask> = {}): UploadTask => ({
  id: 'file 1',
  uploadId: 'a',
  name: 'model.ckpt',
  size: 1000,
  modelId: null,
  part: null,
  sent: 0,
  failures: 0,
  state,
  ...more,
});
const view = (more: Partial<UploadView> = {}): UploadView => ({
  id: 'a',
  filename: 'model.ckpt',
  files: null,
  size: 1000,
  offset: 30,
  state: 'receiving',
  error: null,
  sidecar: false,
  hidden: false,
  file: null,
  createdAt: '2026-12-01T00:00:00Z',
  ...more,
});
const file = (stages: Partial<Record<(typeof STAGES)[number], number>>): UploadView['file'] => ({
  id: 1,
  modelId: 7,
  modelName: 'model',
  state: 'quarantined',
  conversion: 'none',
  conversionReason: null,
  stages: STAGES.map((stage) => ({
    stage,
    state: stages[stage] === undefined ? 'waiting' : 'running',
    progress: stages[stage] ?? 0,
    message: null,
  })),
});
const only = (tasks: UploadTask[], views: UploadView[]) => {
  const rows = trayRows(tasks, views);
  expect(rows.length).toBe(1);
  return rows[0] as (typeof rows)[number];
};

describe('a row of the uploads', () => {
  it('of another tab shows what the server has received, and is not called interrupted', () => {
    const elsewhere = task({ kind: 'elsewhere', isPaused: false });
    expect(only([elsewhere], [view()])).toMatchObject({ phase: 'elsewhere', progress: 0.03, action: null });
    expect(only([elsewhere], [view()]).label).toBe('Uploading in another tab: 3 %');
    expect(only([task({ kind: 'elsewhere', isPaused: true })], [view()]).label).toBe('Paused in another tab: 3 %');
    expect(only([], [view()])).toMatchObject({ phase: 'unfinished', action: 'select-again' });
  });

  it('of a duplicate that the person may not see says what it is, and links nowhere', () => {
    const row = only([], [view({ state: 'duplicate', hidden: true })]);
    expect(row).toMatchObject({ phase: 'duplicate', modelId: null, settled: true });
    expect(row.label).toMatch(/already in the catalog.*not published.*administrator/i);
    expect(only([], [view({ state: 'duplicate', file: { ...file({}), state: 'dangerous' } as never })]).modelId).toBe(
      7,
    );
  });

  it('of a file that was deleted waits for nothing', () => {
    expect(only([], [view({ state: 'stored' })])).toMatchObject({ phase: 'done', settled: true, modelId: null });
    expect(only([], [view({ state: 'received' })])).toMatchObject({ phase: 'queued', settled: false });
  });

  it('shows no share of something of which nothing is measured yet', () => {
    const labels = [
      only([task({ kind: 'preparing' })], []).label,
      only([task({ kind: 'queued' })], []).label,
      only([task({ kind: 'finishing', movedAt: 0 }, { sent: 1000 })], []).label,
      only([], [view({ state: 'stored', file: file({ hash: 0 }) })]).label,
    ];
    for (const label of labels) expect(label).not.toMatch(/%/);
    expect(only([], [view({ state: 'stored', file: file({ hash: 0.5 }) })]).label).toBe('Hashing 50 %');
    expect(only([task({ kind: 'sending', movedAt: 0 }, { sent: 4 })], []).label).toBe('Uploading less than 1 %');
  });

  it('says when it is tried again, or what a person can do', () => {
    const waiting = only([task({ kind: 'waiting', failure: failureHere('offline'), retryAt: 8000 })], []);
    expect(waiting).toMatchObject({ phase: 'retrying', label: 'No connection', retryAt: 8000 });
    const failed = only([task({ kind: 'failed', failure: failureHere('signed_out') })], []);
    expect(failed).toMatchObject({ phase: 'failed', retryAt: null, action: 'sign-in' });
  });

  it('comes before those that wait, and is counted for the button', () => {
    const rows = trayRows(
      [
        task({ kind: 'queued' }, { id: '1', uploadId: null }),
        task({ kind: 'sending', movedAt: 0 }, { id: '2', uploadId: 'b', sent: 500 }),
        task({ kind: 'failed', failure: failureHere('no_room') }, { id: '3', uploadId: null }),
      ],
      [view({ id: 'c', filename: 'other.ckpt', state: 'stored' })],
    );
    expect(rows.map(({ phase }) => phase)).toEqual(['uploading', 'failed', 'waiting', 'done']);
    expect(summarize(rows)).toEqual({ unfinished: 3, failed: 1, progress: 0.25 });
  });
});

describe('the speed of an upload', () => {
  it('is unknown once no byte has moved for some seconds', () => {
    const meter = new SpeedMeter();
    for (let second = 0; second <= 4; second += 1) meter.record('a', second * 1000, second * 1000);
    expect(meter.speedOf('a', 4000)).toBe(1000);
    expect(meter.speedOf('a', 6000)).toBe(1000);
    expect(meter.speedOf('a', 8000)).toBe(null);
  });

  it('is measured anew by an attempt that begins further back', () => {
    const meter = new SpeedMeter();
    for (const [bytes, at] of [
      [0, 0],
      [9000, 1000],
      [4000, 2000],
      [5000, 3000],
    ] as const)
      meter.record('a', bytes, at);
    expect(meter.speedOf('a', 3000)).toBe(1000);
  });
});

it.each([
  ['a file', null, 'select the same file to resume'],
  ['a model in several files', 3, 'select the same files or folder to resume'],
])('says what to select again for %s', (_, files, words) => {
  expect(only([], [view({ files })]).label).toContain(words);
});

it.each([
  ['model.ckpt', 1000, 'model.ckpt', true],
  ['model.ckpt', 1001, 'model.ckpt', false],
  ['other.ckpt', 1000, 'model.ckpt', false],
  ['unet.bin', 1000, 'model/unet/unet.bin', true],
  ['vae.bin', 1000, 'model/unet/unet.bin', false],
])('goes on from %s of %i bytes with %s: %s', (name, size, filename, isTaken) => {
  const row = only([task({ kind: 'failed', failure: failureHere('unreadable') }, { name: filename })], []);
  expect(refuseFile(row, { name, size }) === null).toBe(isTaken);
});

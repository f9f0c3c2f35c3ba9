import { expect, it } from 'vitest';
import { failureMessage } from '#app/components/preview-labels.ts';
import { renderProgressLabel, updateRenderProgress } from '#app/components/update-render-progress.ts';
import { pictureName } from '#app/models/[id]/previews/picture-name.ts';
import { announceState, describeState, summarizeEvidence } from '#app/models/[id]/previews/state-labels.ts';
import type { EvidenceView, PreviewView } from '#lib/previews/client.ts';

type Described = Parameters<typeof describeState>[0];
const preview = (part: Partial<Described>): Described => ({
  state: 'queued',
  code: null,
  message: null,
  done: 0,
  total: 10,
  ahead: null,
  attempt: 0,
  ...part,
});

it('says where in line a preview stands', () => {
  const text = (ahead: number) => describeState(preview({ ahead }))?.text;
  expect(text(0)).toBe('Next in the queue.');
  expect(text(1)).toBe('1 preview is ahead in the queue.');
  expect(text(1200)).toBe('1,200 previews are ahead in the queue.');
});

it('says why it is queued once more where there is a reason', () => {
  expect(describeState(preview({ message: 'The worker went away.', ahead: 3 }))?.text).toBe('The worker went away.');
});

it('counts the picture that is being drawn, and never more than there are', () => {
  const title = (done: number) => describeState(preview({ state: 'rendering', done, attempt: 1 }))?.title;
  expect(title(0)).toBe('Rendering 1 of 10');
  expect(title(9)).toBe('Rendering 10 of 10');
  expect(title(10)).toBe('Rendering 10 of 10');
  expect(describeState(preview({ state: 'rendering', attempt: 1 }))?.text).toBeNull();
  expect(describeState(preview({ state: 'rendering', attempt: 2 }))?.text).toMatch(/^Attempt 2/);
});

it('tells failures by their kind, with the cause', () => {
  expect(describeState(preview({ state: 'failed', code: 'out_of_memory', message: 'It takes 9 GiB.' }))).toEqual({
    title: 'Not enough memory',
    text: 'It takes 9 GiB.',
  });
  expect(failureMessage('something_new')).toBe('something new');
  expect(failureMessage(null)).toBe('Rendering failed');
});

it('says how much there is of what was cancelled', () => {
  expect(describeState(preview({ state: 'cancelled', done: 3 }))?.text).toBe('3 of 10 images were rendered.');
  expect(describeState(preview({ state: 'cancelled' }))?.text).toBeNull();
});

it('lets the pictures speak once all are there', () => {
  expect(describeState(preview({ state: 'done', done: 10 }))).toBeNull();
});

it('has words for a screen reader in every state', () => {
  const states: PreviewView['state'][] = [
    'queued',
    'waiting_for_base',
    'rendering',
    'done',
    'failed',
    'not_applicable',
    'cancelled',
  ];
  for (const state of states) expect(announceState(preview({ state, done: 4 })), state).not.toBe('');
  expect(announceState(preview({ state: 'rendering', done: 4 }))).toBe('4 of 10 preview images rendered');
  expect(announceState(preview({ state: 'done', done: 1, total: 1 }))).toBe('All 1 preview image rendered');
});

it('sums up by what a preview was drawn', () => {
  const evidence: EvidenceView = {
    engine: 'Weighhouse 0.1.0',
    provider: 'cpu',
    device: 'EPYC',
    precision: 'fp32',
    loadSeconds: 1,
    secondsPerStep: 2.14,
    peakMemory: 1024 ** 3,
    rejected: [],
    notes: [],
  };
  expect(summarizeEvidence(evidence)).toBe('Rendered on cpu (EPYC), 2.1 s per step, 1.00 GiB');
  expect(summarizeEvidence({ ...evidence, device: '', secondsPerStep: 0.0004 })).toBe(
    'Rendered on cpu, 1 ms per step, 1.00 GiB',
  );
  expect(summarizeEvidence({ ...evidence, device: '', secondsPerStep: 0, peakMemory: 0 })).toBe('Rendered on cpu');
});

it('keeps which models are being drawn, and lets go of those that are over', () => {
  const event = (modelId: number, state: string, done: number) => ({ modelId, state, done, total: 3 });
  const none: ReturnType<typeof updateRenderProgress> = new Map();
  const one = updateRenderProgress(none, event(1, 'rendering', 0));
  const two = updateRenderProgress(updateRenderProgress(one, event(1, 'rendering', 2)), event(2, 'queued', 0));
  expect([...two].map(([id, drawing]) => `${id}: ${renderProgressLabel(drawing)}`)).toEqual([
    '1: Rendering 2/3',
    '2: Waiting for preview',
  ]);
  expect([...updateRenderProgress(two, event(1, 'done', 3)).keys()]).toEqual([2]);
  // Nothing is shown anew for what was not shown.
  expect(updateRenderProgress(two, event(9, 'failed', 0))).toBe(two);
  expect(none.size).toBe(0);
});

it('names pictures that people brought by them and by what was asked for', () => {
  const name = (prompt: string | null, uploader: string | null = 'Ada') =>
    pictureName({ label: '', uploader, parameters: { prompt, negativePrompt: null, fields: [] } });
  expect(pictureName({ label: 'Scene, seed 1', uploader: null, parameters: null })).toBe('Scene, seed 1');
  expect(name('a cat\n on a  sign')).toBe('Image by Ada: a cat on a sign');
  expect(name('far '.repeat(40))).toBe(`Image by Ada: ${'far '.repeat(15).trimEnd()}…`);
  expect(name(null)).toBe('Image by Ada');
  expect(name('', null)).toBe('Image');
  expect(name('\u202egnp')).toBe('Image by Ada: [U+202E]gnp');
});

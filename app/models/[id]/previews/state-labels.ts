import { formatBytes, formatCount } from '#app/components/format.ts';
import { failureMessage } from '#app/components/preview-labels.ts';
import type { EvidenceView, PreviewView } from '#lib/previews/client.ts';

export interface StateWords {
  title: string;
  /** More about it, in a sentence; null where the title says it all. */
  text: string | null;
}

type Described = Pick<PreviewView, 'state' | 'code' | 'message' | 'done' | 'total' | 'ahead' | 'attempt'>;

/** How far a preview is, in words; null where the pictures speak for themselves. */
export function describeState(preview: Described): StateWords | null {
  const { state, code, message, done, total, attempt } = preview;
  switch (state) {
    case 'queued':
      return { title: 'Queued for rendering', text: message ?? queuePosition(preview.ahead) };
    case 'waiting_for_base':
      return { title: 'Waiting for a checkpoint', text: message };
    case 'rendering':
      return {
        title: `Rendering ${Math.min(done + 1, total)} of ${total}`,
        text: attempt > 1 ? `Attempt ${attempt}: the previous attempt did not finish.` : null,
      };
    case 'failed':
      return { title: failureMessage(code), text: message };
    case 'not_applicable':
      return { title: 'No preview for this model', text: message };
    case 'cancelled':
      return {
        title: 'Rendering cancelled',
        text: message ?? (done === 0 ? null : `${done} of ${formatCount(total, 'image')} were rendered.`),
      };
    case 'done':
      return null;
  }
}

function queuePosition(ahead: number | null): string | null {
  if (ahead === null) return null;
  return ahead === 0 ? 'Next in the queue.' : `${formatCount(ahead, 'preview is', 'previews are')} ahead in the queue.`;
}

/** What a screen reader is told; it is said again only when it changes. */
export function announceState(preview: Described): string {
  const { state, done, total } = preview;
  if (state === 'rendering') return `${done} of ${formatCount(total, 'preview image')} rendered`;
  if (state === 'done') return `All ${formatCount(total, 'preview image')} rendered`;
  return describeState(preview)?.title ?? '';
}

/** Where and how fast it was rendered: `Rendered on cpu (EPYC), 2.1 s a step, 1.2 GiB`. */
export function summarizeEvidence({ provider, device, secondsPerStep, peakMemory }: EvidenceView): string {
  const where = device === '' ? provider : `${provider} (${device})`;
  return [
    `Rendered on ${where}`,
    ...(secondsPerStep > 0 ? [`${formatStep(secondsPerStep)} per step`] : []),
    ...(peakMemory > 0 ? [formatBytes(peakMemory)] : []),
  ].join(', ');
}

function formatStep(seconds: number): string {
  return seconds < 1 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

import type { BulkJobView } from '#lib/bulk/client.ts';
import { formatNumber } from '../components/format.ts';

export const BULK_STATES: Readonly<Record<BulkJobView['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  cancelled: 'Cancelled',
};

export function isOpenJob({ state }: BulkJobView): boolean {
  return state === 'queued' || state === 'running';
}

/** What became of the models of a job: `4,998 changed, 2 refused`. */
export function countWords({ counts, total }: BulkJobView): string {
  const parts = (['proposed', 'changed', 'unchanged', 'refused', 'waiting'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${formatNumber(counts[state])} ${state}`);
  return parts.length === 0 ? `${formatNumber(total)} models` : parts.join(', ');
}

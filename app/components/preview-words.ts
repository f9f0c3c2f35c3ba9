import type { PreviewStateName, PreviewView } from '#lib/previews/client.ts';

/** The states of a preview, as people read them. */
export const PREVIEW_STATES: Record<PreviewStateName, string> = {
  queued: 'Waiting',
  waiting_for_base: 'Waits for a base',
  rendering: 'Rendering',
  done: 'Done',
  failed: 'Failed',
  not_applicable: 'Not drawn',
  cancelled: 'Cancelled',
};

const FAILURES: Record<NonNullable<PreviewView['code']>, string> = {
  out_of_memory: 'There was not enough memory',
  nan_output: 'The picture came out broken',
  load_mismatch: 'The weights do not fit together',
  unsupported_architecture: 'This kind of network cannot be drawn',
  time_limit: 'It took too long',
  cancelled: 'It was stopped',
  crash: 'The renderer crashed',
  device_lost: 'The graphics card was lost',
  bad_request: 'The renderer refused the request',
  no_file: 'A file it takes is not there',
};

/** What went wrong, in a few words. A code without words here is shown as it is. */
export function failureWords(code: string | null): string {
  const words: Record<string, string> = FAILURES;
  return code === null ? 'It could not be drawn' : (words[code] ?? code.replaceAll('_', ' '));
}

/** True while something is still to happen to a preview by itself, in a while that one may wait for. */
export function isMoving(state: PreviewStateName): boolean {
  return state === 'queued' || state === 'rendering';
}

import type { PreviewStateName, PreviewView } from '#lib/previews/client.ts';

/** The states of a preview, as people read them. */
export const PREVIEW_STATES: Record<PreviewStateName, string> = {
  queued: 'Queued',
  waiting_for_base: 'Waiting for a checkpoint',
  rendering: 'Rendering',
  done: 'Done',
  failed: 'Failed',
  not_applicable: 'Not supported',
  cancelled: 'Cancelled',
};

const FAILURES: Record<NonNullable<PreviewView['code']>, string> = {
  out_of_memory: 'Not enough memory',
  nan_output: 'Invalid image (NaN or all black)',
  load_mismatch: 'Incompatible weights',
  unsupported_architecture: 'Unsupported model',
  time_limit: 'Timed out',
  cancelled: 'Stopped',
  crash: 'Renderer crashed',
  device_lost: 'GPU not available',
  bad_request: 'Rejected by the renderer',
  no_file: 'Missing file',
};

/** What went wrong, in a few words. A code without words here is shown as it is. */
export function failureMessage(code: string | null): string {
  const words: Record<string, string> = FAILURES;
  return code === null ? 'Rendering failed' : (words[code] ?? code.replaceAll('_', ' '));
}

/** True while something is still to happen to a preview by itself, in a while that one may wait for. */
export function isInProgress(state: PreviewStateName): boolean {
  return state === 'queued' || state === 'rendering';
}

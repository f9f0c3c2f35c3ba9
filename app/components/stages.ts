import type { ConversionStateName, FileStateName, StageView } from '#lib/catalog/client.ts';
import type { StageName } from '#lib/stages.ts';

/** What is happening to a file, as people read it. */
export const STAGE_LABELS: Record<StageName, string> = {
  hash: 'Hashing',
  scan: 'Scanning',
  identify: 'Identifying',
  convert: 'Converting',
  verify: 'Verifying',
  measure: 'Computing tensor statistics',
  merge: 'Merging',
  variant: 'Converting again',
};

interface Processed {
  state: FileStateName;
  conversion: ConversionStateName;
  stages: readonly StageView[];
}

export function runningStage(file: Processed): StageView | null {
  return file.stages.find(({ state }) => state === 'running') ?? null;
}

/** A stage that ended badly and that nothing has taken further since. */
export function failedStage(file: Processed): StageView | null {
  if (runningStage(file) !== null) return null;
  const unfinished =
    file.state === 'quarantined' ||
    file.state === 'scanning' ||
    file.state === 'incomplete' ||
    file.conversion === 'converting' ||
    file.conversion === 'verifying' ||
    (file.state === 'clean' && file.conversion === 'none');
  return unfinished ? (file.stages.findLast(({ state }) => state === 'failed') ?? null) : null;
}

/** True while something is still to happen to the file by itself. */
export function isProcessing(file: Processed): boolean {
  if (runningStage(file) !== null) return true;
  if (failedStage(file) !== null || file.state === 'incomplete') return false;
  if (file.state === 'quarantined' || file.state === 'scanning') return true;
  const { conversion } = file;
  return (
    conversion === 'queued' ||
    conversion === 'converting' ||
    conversion === 'verifying' ||
    (file.state === 'clean' && conversion === 'none')
  );
}

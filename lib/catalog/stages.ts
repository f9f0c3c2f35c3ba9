import { STAGES } from '../stages.ts';
import type { ConversionStateName, FileStateName, StageView } from './types.ts';

interface Run {
  stage: string;
  progress: number;
  endedAt: Date | null;
  outcome: string | null;
  message: string | null;
}

/** The stages of a file for people: what is done, what runs, what failed and why. `runs` in the order they began. */
export function stagesOf(file: {
  state: FileStateName;
  conversion: ConversionStateName;
  runs: readonly Run[];
}): StageView[] {
  const isSkipped = file.conversion === 'converted' || isBlocked(file);
  return STAGES.map((stage, index) => {
    const run = file.runs.findLast((candidate) => candidate.stage === stage);
    if (run === undefined) {
      // What was hashed while it was uploaded needs no stage for it.
      const isPassed = isSkipped || file.runs.some((later) => STAGES.findIndex((name) => name === later.stage) > index);
      return { stage, state: isPassed ? 'done' : 'waiting', progress: isPassed ? 1 : 0, message: null };
    }
    if (run.endedAt === null) return { stage, state: 'running', progress: run.progress, message: null };
    const ok = run.outcome === 'ok';
    return { stage, state: ok ? 'done' : 'failed', progress: ok ? 1 : run.progress, message: run.message };
  });
}

/** A file that its verdict keeps from being converted has no stage left to wait for. */
function isBlocked({ state, conversion }: { state: FileStateName; conversion: ConversionStateName }): boolean {
  return conversion === 'none' && (state === 'suspicious' || state === 'malformed' || state === 'dangerous');
}

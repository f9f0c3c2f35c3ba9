import { DEFAULT_PICKLE_LIMITS } from '../limits.ts';
import { analysePickle, type PickleAnalysis, type PickleStep } from '../pickle/index.ts';

/** What is left of the memory for a pickle's values next to the first reading's report and the explanation itself. */
const SHARE = 3 / 4;

/** Goes through a pickle once more, opcode for opcode. False where it takes too much memory to come as far as the first time. */
export function readAgain(analysis: PickleAnalysis, onStep: (step: PickleStep) => void): boolean {
  const { limits } = analysis.options;
  const heldBytes = Math.floor((limits?.heldBytes ?? DEFAULT_PICKLE_LIMITS.heldBytes) * SHARE);
  // The tensors of the first reading are still in memory.
  const again = analysePickle(analysis.bytes, {
    ...analysis.options,
    limits: { ...limits, heldBytes, tensors: 0 },
    onStep,
  });
  return again.end >= analysis.end;
}

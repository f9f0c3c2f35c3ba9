import { baseRecord } from '#scanner/bases/index.ts';
import type { Identity } from '#scanner/identify/index.ts';
import type { WeightFile } from '../weights/index.ts';
import type { Unet } from './architecture.ts';

/**
 * What the file says of its training: the identification's answer, where that stands on more than the rule of the base.
 */
export function readPrediction(
  { base, prediction, evidence }: Identity,
  { tensors }: WeightFile,
): Pick<Unet, 'prediction' | 'zeroTerminalSnr'> {
  const source = evidence.find(({ field }) => field === 'prediction')?.source;
  const [rule, other] = baseRecord(base)?.predictions ?? [];
  // Where fine-tunes predict otherwise without a mark of it, that nothing says so says nothing.
  const isRule = prediction === 'epsilon' && source === 'weights' && rule === 'epsilon' && other !== undefined;
  const supported = prediction === 'v' || prediction === 'epsilon' ? prediction : null;
  return { prediction: isRule ? null : supported, zeroTerminalSnr: tensors.has('ztsnr') };
}

import { analysePickle, type PickleAnalysis } from '../pickle/index.ts';
import type { Where } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** A source that is one pickle or several, one after the other. Null where it is too large to be read. */
export function inspectPickle(
  source: ByteSource,
  where: Where,
  inspection: Inspection,
  options: { readsArrays?: boolean } = {},
): PickleAnalysis | null {
  const limit = inspection.limits.pickleBytes;
  const limits = inspection.pickleLimits;
  if (source.size > limit) {
    // What runs first stands first: it is judged even where the whole is too much.
    const analysis = analysePickle(source.read(0, limit), { ...options, where, limits, ignoreRest: true });
    inspection.addPickle({
      ...analysis,
      findings: analysis.findings.filter(({ rule }) => rule !== 'pickle/truncated'),
    });
    inspection.report(
      'container/too-large',
      'incomplete',
      `The pickle is larger than ${limit} bytes and was not read to its end.`,
      where,
    );
    return null;
  }
  const analysis = analysePickle(source.read(0, source.size), { ...options, where, limits });
  inspection.addPickle(analysis);
  return analysis;
}

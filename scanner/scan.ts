import { checkEnding, Inspection, inspectSource } from './inspect/index.ts';
import { type LimitChanges, mergeLimits } from './limits.ts';
import { loadersOf } from './loaders/index.ts';
import { UNFINISHED } from './model-files.ts';
import type { PickleAnalysis } from './pickle/index.ts';
import { applyPolicy, type Policy } from './policy/index.ts';
import {
  boundFindings,
  type ContainerKind,
  findWorst,
  type Reading,
  RULES_VERSION,
  type ScanReport,
  verdictOf,
} from './report/index.ts';
import type { ByteSource } from './source.ts';

export interface ScanOptions {
  /** The file's name: a name that lies about the content is a finding. The content alone decides the rest. */
  name?: string;
  /** In place of the defaults, and of what the policy says (docs/LIMITS.md). */
  limits?: LimitChanges;
  /** What an operator adds to the rules. */
  policy?: Policy;
  /** Called with 0 at the start and 1 at the end; in between a scan takes moments. */
  onProgress?: (fraction: number) => void;
  /** Told of every pickle that counts for the verdict, as it was analysed. Keep nothing of it: its bytes may be many. */
  onPickle?: (analysis: PickleAnalysis) => void;
}

/**
 * Scans one model file: reads its structure and every pickle in it as data, and says what loading it would do. Tensors
 * are not read, so gigabytes take moments. Never throws for what is in the file; a failing disk does.
 */
export function scan(source: ByteSource, options: ScanOptions = {}): ScanReport {
  options.onProgress?.(0);
  const limits = mergeLimits(options.policy?.limits, options.limits);
  const inspection = new Inspection(limits, options.onPickle);
  const container = inspectSource(source, undefined, 0, inspection);
  if (options.name !== undefined) checkName(options.name, container, source, inspection);
  const globals = inspection.listGlobals();
  const found = inspection.listFindings();
  const findings =
    options.policy === undefined
      ? found
      : boundFindings(applyPolicy(found, globals, inspection.listNestedNames(), options.policy), limits.findings);
  options.onProgress?.(1);
  return {
    size: source.size,
    container,
    verdict: verdictOf(findings),
    findings,
    globals,
    ...listReadings(source, inspection, options.policy),
    tensors: inspection.tensors,
    rules: RULES_VERSION,
  };
}

/** Nothing where all programs read the same. */
function listReadings(
  source: ByteSource,
  inspection: Inspection,
  policy: Policy | undefined,
): { readings?: Reading[] } {
  const readings = inspection.listReadings();
  if (readings.length < 2) return {};
  return {
    readings: readings.flatMap(({ format, findings: found }) => {
      const findings =
        policy === undefined
          ? found
          : applyPolicy(found, inspection.listGlobals(), inspection.listNestedNames(), policy);
      const why = findWorst(findings)?.message ?? 'Nothing was found.';
      return loadersOf(source, format).map((loader) => ({ loader, format, verdict: verdictOf(findings), why }));
    }),
  };
}

function checkName(name: string, container: ContainerKind, source: ByteSource, inspection: Inspection): void {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const unfinished = UNFINISHED.get(extension);
  if (unfinished !== undefined) {
    inspection.report(
      'container/unfinished',
      'malformed',
      `According to its extension (.${extension}), the file is ${unfinished}. Wait for the download to finish, or download the file again.`,
    );
  }
  checkEnding(name, container, source, undefined, inspection);
}

import { checkModel, type FileGroup } from '#scanner/multi-file/index.ts';
import { RULES_VERSION, verdictOf } from '#scanner/report/index.ts';
import { explain as sentenceFor } from '../list-files.ts';
import { type ExplainedFile, reportUnread, type ScanPathOptions } from './scan-path.ts';

/** What is said of a model in several files as a whole, without the verdicts on its files. */
export function checkWhole(path: string, group: FileGroup, { name }: ScanPathOptions = {}): ExplainedFile {
  const shown = name ?? path;
  try {
    const model = checkModel(path, group);
    const { findings, bytes, tensors, identity } = model;
    return {
      path: shown,
      report: {
        size: bytes,
        container: 'unknown',
        verdict: verdictOf(findings),
        findings,
        globals: [],
        tensors,
        rules: RULES_VERSION,
      },
      model,
      ...(identity === null ? {} : { type: identity.type, base: identity.base }),
    };
  } catch (error) {
    return { path: shown, report: reportUnread(path, 'file/unreadable', sentenceFor(error)) };
  }
}

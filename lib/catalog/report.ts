import { type Finding, type RuleId, reportJson, type ScanReport } from '#scanner/index.ts';
import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { GLOBALS, IDENTITY, READINGS, WHERE } from '../ingest/index.ts';
import { VERSION } from '../version.ts';
import { requireVisible } from './visibility.ts';

/** The scan of one file in the JSON of `weighhouse scan`. Throws AppError `conflict` while there is no verdict yet. */
export async function getFileReport(actor: Actor | null, fileId: number): Promise<object> {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    include: { source: true, findings: { orderBy: { id: 'asc' } }, version: { include: { model: true } } },
  });
  requireVisible(actor, file?.version.model, 'file');
  if (file === null) throw new AppError('not_found', 'File not found.');
  if (file.state === 'quarantined' || file.state === 'scanning') {
    throw new AppError('conflict', 'This file is still being scanned. Try again later.');
  }
  const identity = IDENTITY.tryRead(file.identity);
  const readings = READINGS.read(file.readings);
  const report: ScanReport = {
    size: Number(file.source.size),
    container: file.container as ScanReport['container'],
    verdict: file.state,
    findings: file.findings.map(({ rule, severity, global, call, message, ...finding }) => {
      const where = WHERE.read(finding.where);
      return {
        // A rule that later rules lack is shown without a title until the file is scanned again.
        rule: rule as RuleId,
        severity: severity as Finding['severity'],
        message,
        ...(where === null ? {} : { where }),
        ...(global === null ? {} : { global }),
        ...(call === null ? {} : { call }),
      };
    }),
    globals: GLOBALS.read(file.globals) ?? [],
    ...(readings === null ? {} : { readings }),
    tensors: Array.isArray(file.tensors) ? file.tensors.length : null,
    rules: file.rules ?? '',
  };
  return reportJson(
    [{ path: file.filename, report, ...(identity && { type: identity.type, base: identity.base }) }],
    VERSION,
  );
}

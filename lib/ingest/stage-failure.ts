import type { Finding } from '#scanner/index.ts';
import { db, storable, type Tx } from '../db/index.ts';
import { WHERE } from './columns.ts';
import { changeFileState, hasNoVerdict, lockFile, passesGate } from './states.ts';

/**
 * Puts a file whose stage was cut short (by a limit, a crash, a full disk) where an operator sees why and can try
 * again. Never clean: without a verdict it is `incomplete`. A conversion waits for the queue's next try, and after the
 * last it is `not_convertible`.
 */
export async function recordFailure(tx: Tx, fileId: number, cause: string, isLastTry: boolean): Promise<void> {
  const file = await lockFile(tx, fileId);
  if (hasNoVerdict(file.state)) {
    await replaceFindings(tx, fileId, [
      { rule: 'scan/stopped', severity: 'incomplete', message: `The scan did not finish. ${cause}` },
    ]);
    if (file.state !== 'incomplete') await changeFileState(tx, fileId, { state: 'incomplete' });
    return;
  }
  if (file.conversion === 'converted' || file.conversion === 'not_convertible') return;
  const conversionReason = `Processing did not finish. ${cause}`;
  if (isLastTry) await changeFileState(tx, fileId, { conversion: 'not_convertible', conversionReason });
  else if (file.conversion === 'converting' || file.conversion === 'verifying')
    await changeFileState(tx, fileId, { conversion: 'queued', conversionReason });
}

export async function replaceFindings(tx: Tx, fileId: number, findings: readonly Finding[]): Promise<void> {
  await tx.finding.deleteMany({ where: { fileId } });
  if (findings.length === 0) return;
  await tx.finding.createMany({
    data: storable(findings).map(({ rule, severity, global = null, call = null, message, where }) => ({
      fileId,
      rule,
      severity,
      global,
      call,
      message,
      ...(where && { where: WHERE.write(where) }),
    })),
  });
}

/** Ends the rows of stages whose worker is gone. Call it when no worker has the file. */
export async function closeAbandonedRuns(fileId: number): Promise<void> {
  await db().stageRun.updateMany({
    where: { fileId, endedAt: null },
    data: { endedAt: new Date(), outcome: 'crash', message: 'The worker stopped during this stage.' },
  });
}

/** Whether an ingest has work left on a file, so that some job must stand behind it. */
export function isUnfinished(file: Parameters<typeof passesGate>[0] & { conversion: string }): boolean {
  if (file.state === 'quarantined' || file.state === 'scanning') return true;
  return (
    ['queued', 'converting', 'verifying'].includes(file.conversion) || (file.conversion === 'none' && passesGate(file))
  );
}

import { RULES_VERSION } from '#scanner/report/index.ts';
import { type Actor, authorize } from '../accounts/index.ts';
import type { FileStateName } from '../catalog/index.ts';
import { db } from '../db/index.ts';

/** How far the catalog is judged by this program's rules, and which verdicts they changed. */
export interface RescanView {
  rules: string;
  /** Files with a verdict. */
  judged: number;
  /** Of these, the files whose verdict rests on older rules. */
  outdated: number;
  /** Verdicts that these rules changed, the newest first, 100 at most. */
  changes: RescanChange[];
}

export interface RescanChange {
  fileId: number;
  filename: string;
  modelId: number;
  modelName: string;
  before: FileStateName;
  after: FileStateName;
  at: string;
}

const MAX_CHANGES = 100;

/** What a change of the rules did to the catalog so far. Changes of files that are gone are in the audit log alone. */
export async function readRescan(actor: Actor | null): Promise<RescanView> {
  authorize(actor, 'jobs.read');
  const [judged, outdated, changes] = await Promise.all([
    db().modelFile.count({ where: { rules: { not: null } } }),
    db().modelFile.count({ where: { rules: { lt: RULES_VERSION } } }),
    db().$queryRaw<(Omit<RescanChange, 'at'> & { at: Date })[]>`
      SELECT f.id AS "fileId", f.filename, m.id AS "modelId", m.name AS "modelName",
        a.before->>'state' AS before, a.after->>'state' AS after, a.at
      FROM audit_entry a
        JOIN model_file f ON a."subjectId" = f.id::text
        JOIN model_version v ON v.id = f."versionId"
        JOIN model m ON m.id = v."modelId"
      WHERE a.subject = 'file' AND a.action = 'file.rescan'
        AND a.after->>'rules' = ${RULES_VERSION} AND a.before->>'state' <> a.after->>'state'
      ORDER BY a.id DESC LIMIT ${MAX_CHANGES}`,
  ]);
  return {
    rules: RULES_VERSION,
    judged,
    outdated,
    changes: changes.map(({ at, ...change }) => ({ ...change, at: at.toISOString() })),
  };
}

import { join } from 'node:path';
import type { PartReport } from '#scanner/multi-file/index.ts';
import type { InputFile } from '#scanner/opened-files.ts';
import { db, type Tx } from '../db/index.ts';
import { findIndex, type PartLayout } from './part-list.ts';
import { findStageFile, type StageFile } from './stage-file.ts';
import type { PartFolder } from './stages.ts';

/** There is no such folder: stages have its files by these names, open. */
const ROOT = '/model';

export interface OpenParts {
  folder: PartFolder;
  /** In the store, or where they were imported in place. */
  paths: string[];
  /** Where stages find the files of the folder. */
  inputs: InputFile[];
  parts: { sourceSha256: string; file: StageFile; isHashed: boolean; verifiedAt: Date | null }[];
}

/** The parts of a model in several files, as its stages are given them. Throws like `findStageFile`. */
export async function openParts(fileId: number, layout: PartLayout, name: string): Promise<OpenParts> {
  const rows = await db().modelPart.findMany({
    where: { fileId },
    orderBy: { path: 'asc' },
    include: { blob: { select: { blake3: true, verifiedAt: true } } },
  });
  const root = join(ROOT, name.replace(/[/\\\0]/g, '_'));
  const files = rows.map(({ path }) => path);
  const found = await Promise.all(rows.map(async (row) => ({ ...row, file: await findStageFile(row.sha256) })));
  const inputs = found.map(({ path, file }) => ({ ...file.input, path: join(root, path), link: file.path }));
  return {
    folder: { root, kind: layout, index: findIndex(layout, files), files },
    paths: [...new Set(inputs.map(({ link }) => link))],
    inputs,
    parts: found.map(({ sha256, blob, file }) => ({
      sourceSha256: sha256,
      file,
      isHashed: blob.blake3 !== null,
      verifiedAt: blob.verifiedAt,
    })),
  };
}

/** Keeps the verdicts on the parts, of a scan that had some. */
export async function saveParts(tx: Tx, fileId: number, parts: readonly PartReport[] = []): Promise<void> {
  if (parts.length === 0) return;
  const rows = parts.map(({ path, container, verdict }) => ({ path, container, verdict }));
  await tx.$executeRaw`
    UPDATE model_part SET container = r.container, state = r.verdict::"FileState"
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(path text, container text, verdict text)
     WHERE model_part."fileId" = ${fileId} AND model_part.path = r.path`;
}

import { modelStem, readSidecarName } from '#scanner/sidecars/index.ts';
import { auditAll } from '../audit/index.ts';
import { db, type Tx } from '../db/index.ts';
import { enqueue } from '../queue/index.ts';

/** A sidecar that no model file came for is dropped after this time, in milliseconds. */
export const WAIT_MS = 7 * 24 * 3600 * 1000;

export interface NewSidecar {
  filename: string;
  mediaType: string;
  content: Buffer;
  ownerId: string;
  /** The model file that it is known to be of. */
  fileId?: number;
}

/**
 * Keeps a sidecar next to the newest model file of its name and owner, in place of an earlier one of the same name; or,
 * where there is none yet, until one comes. In the caller's transaction.
 */
export async function storeSidecar(
  tx: Tx,
  { filename, mediaType, content, ownerId, fileId: known }: NewSidecar,
): Promise<{ id: number; fileId: number | null }> {
  const { kind, stem } = nameOf(filename);
  const fileId = known ?? (await findFile(tx, ownerId, stem));
  const [kept] = await keepSidecars(tx, [{ filename, mediaType, content, ownerId, fileId }]);
  if (kept === undefined) throw new Error('A companion file was not kept.');
  const { id } = kept;
  // What it says may be what the file itself leaves open.
  if (fileId !== null && kind !== 'preview') await enqueue('ingest', { fileId, identify: true }, { tx });
  return { id, fileId };
}

/**
 * Keeps companion files, each in place of an earlier one of the same name; in the caller's transaction. Their model files
 * are not identified for it: those that enter in the same transaction are identified with them.
 */
export async function keepSidecars(
  tx: Tx,
  sidecars: readonly (Omit<NewSidecar, 'fileId'> & { fileId: number | null })[],
): Promise<{ id: number }[]> {
  if (sidecars.length === 0) return [];
  const names = sidecars.map(({ ownerId, filename, fileId }) => ({ ownerId, filename, fileId }));
  await tx.$executeRaw`
    DELETE FROM sidecar s USING jsonb_to_recordset(${JSON.stringify(names)}::jsonb)
      AS r("ownerId" text, filename text, "fileId" int)
     WHERE s."ownerId" = r."ownerId" AND s.filename = r.filename AND s."fileId" IS NOT DISTINCT FROM r."fileId"`;
  const kept = await tx.sidecar.createManyAndReturn({
    data: sidecars.map(({ filename, mediaType, content, ownerId, fileId }) => {
      const { kind, stem } = nameOf(filename);
      return { ownerId, filename, stem, kind, mediaType, content: new Uint8Array(content), fileId };
    }),
    select: { id: true, ownerId: true, filename: true, fileId: true },
  });
  await auditAll(
    tx,
    kept.map(({ id, ownerId, filename, fileId }) => ({
      actor: ownerId,
      action: 'sidecar.keep' as const,
      subject: 'sidecar' as const,
      subjectId: id,
      after: { filename, fileId },
    })),
  );
  return kept;
}

function nameOf(filename: string): NonNullable<ReturnType<typeof readSidecarName>> {
  const name = readSidecarName(filename);
  if (name === null) throw new Error(`${filename} is not a valid companion file name.`);
  return name;
}

/** The newest model file of this name and owner. */
async function findFile(tx: Tx, ownerId: string, stem: string): Promise<number | null> {
  const candidates = await tx.modelFile.findMany({
    where: { version: { model: { ownerId } }, filename: { startsWith: stem, mode: 'insensitive' } },
    orderBy: { id: 'desc' },
    take: 100,
    select: { id: true, filename: true },
  });
  return candidates.find((file) => modelStem(file.filename) === stem)?.id ?? null;
}

/** Gives fresh model files the sidecars of their names that their owners sent before. In the caller's transaction. */
export async function claimSidecars(
  tx: Tx,
  files: readonly { id: number; filename: string; ownerId: string }[],
): Promise<void> {
  const rows = files.map(({ id, filename, ownerId }) => ({ id, ownerId, stem: modelStem(filename) }));
  await tx.$executeRaw`
    WITH fresh AS (
      SELECT DISTINCT ON ("ownerId", stem) * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(id int, "ownerId" text, stem text) ORDER BY "ownerId", stem, id),
    claimed AS (
      UPDATE sidecar s SET "fileId" = fresh.id FROM fresh
       WHERE s."ownerId" = fresh."ownerId" AND s.stem = fresh.stem AND s."fileId" IS NULL
      RETURNING s.id, s."fileId")
    UPDATE upload SET "fileId" = claimed."fileId", "updatedAt" = now() FROM claimed WHERE upload."sidecarId" = claimed.id`;
}

/** Drops what no model file came for within a week. Returns how many. */
export async function expireSidecars(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - WAIT_MS);
  const { count } = await db().sidecar.deleteMany({ where: { fileId: null, createdAt: { lt: before } } });
  return count;
}

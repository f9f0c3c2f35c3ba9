import { MAX_NOTES, type SidecarNote } from '#scanner/sidecars/index.ts';
import { db } from '../db/index.ts';

/** The texts that the catalog keeps next to a model file, in the order of their names. */
export async function listNotes(fileId: number): Promise<SidecarNote[]> {
  const sidecars = await db().sidecar.findMany({
    where: { fileId, kind: { not: 'preview' } },
    orderBy: [{ filename: 'asc' }, { id: 'asc' }],
    take: MAX_NOTES,
  });
  return sidecars.map(({ filename, content }) => ({ filename, text: Buffer.from(content).toString('utf8') }));
}

import { type Actor, authorize } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { listWaitingJobs } from '../queue/index.ts';

/** A file whose turn has not come yet. */
export interface WaitingFile {
  id: string;
  filename: string;
  modelId: number;
  modelName: string;
  since: string;
  /** Set where a try has ended badly and the next must wait. */
  notBefore: string | null;
  tries: number;
}

export interface WaitingView {
  files: WaitingFile[];
  /** More than `files` has where the line is long. */
  total: number;
}

const SHOWN = 50;

/** The files that stand in line for a worker, in their order, 50 at most. */
export async function listWaitingFiles(actor: Actor | null): Promise<WaitingView> {
  authorize(actor, 'jobs.read');
  const { jobs, total } = await listWaitingJobs('ingest', SHOWN);
  const files = await db().modelFile.findMany({
    where: { id: { in: jobs.map(({ payload }) => payload.fileId) } },
    select: { id: true, filename: true, version: { select: { model: { select: { id: true, name: true } } } } },
  });
  const known = new Map(files.map((file) => [file.id, file]));
  const now = Date.now();
  return {
    total,
    files: jobs.flatMap(({ id, payload, since, notBefore, tries }) => {
      const file = known.get(payload.fileId);
      if (file === undefined) return [];
      const { id: modelId, name: modelName } = file.version.model;
      return [
        {
          id,
          filename: file.filename,
          modelId,
          modelName,
          since: since.toISOString(),
          notBefore: notBefore.getTime() > now ? notBefore.toISOString() : null,
          tries,
        },
      ];
    }),
  };
}

import { GroupCommit, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { lockQuotas } from '../quotas/index.ts';
import { lockRoom } from './room.ts';

/** An upload that somebody announces. */
export interface NewUpload {
  id: string;
  userId: string;
  filename: string;
  /** Bytes. */
  size: number;
  modelId: number | null;
  /** Of one of the files of a model in several: the set of them, and its path there. */
  setId?: string | null;
  path?: string | null;
}

/** Uploads that are announced at the same time are created together. */
const creating = new GroupCommit(createUploads);

/** Creates the row of an upload, with what it reserves. Throws AppError `over_quota` or `no_room`. */
export async function createUpload(upload: NewUpload): Promise<void> {
  const refusal = await creating.run(upload);
  if (refusal !== null) throw refusal;
}

async function createUploads(tx: Tx, uploads: readonly NewUpload[]): Promise<(AppError | null)[]> {
  const accounts = await lockQuotas(
    tx,
    uploads.map(({ userId }) => userId),
  );
  const room = await lockRoom(tx);
  const refusals = uploads.map(({ userId, size }) => {
    const account = accounts.get(userId);
    const adding = { bytes: size, files: 1 };
    const overQuota = account?.refusal(adding) ?? null;
    if (overQuota !== null) return new AppError('over_quota', overQuota);
    const noRoom = room.refusal(size);
    if (noRoom !== null) return new AppError('no_room', noRoom);
    account?.add(adding);
    room.add(size);
    return null;
  });
  const data = uploads.filter((_, index) => refusals[index] === null);
  if (data.length > 0) await tx.upload.createMany({ data });
  return refusals;
}

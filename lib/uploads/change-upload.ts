import { auditAll } from '../audit/index.ts';
import { GroupCommit, type Tx, type UploadState } from '../db/index.ts';
import { publishAll } from '../events/index.ts';

interface UploadChange {
  error?: string;
  sha256?: string;
  offset?: bigint;
  fileId?: number | null;
  sidecarId?: number;
}

/** Changes the state of an upload that has not ended, in a transaction of its own or with others of the same moment. */
export async function changeUpload(id: string, state: UploadState, data: UploadChange = {}): Promise<void> {
  await changing.run({ id, state, data });
}

const changing = new GroupCommit(
  async (tx, changes: readonly { id: string; state: UploadState; data: UploadChange }[]) => {
    const open = await lockUploads(tx, changes);
    await setUploadStates(
      tx,
      changes.flatMap(({ id, state, data }) => {
        const upload = open.get(id);
        return upload === undefined ? [] : [{ upload, state, data }];
      }),
    );
    return changes.map(() => undefined);
  },
);

/** An upload whose row the caller's transaction holds. */
export interface LockedUpload {
  id: string;
  userId: string;
  state: UploadState;
}

/** Changes the states of uploads, with their audit rows and the events, in the caller's transaction. */
export async function setUploadStates(
  tx: Tx,
  changes: readonly { upload: LockedUpload; state: UploadState; data: UploadChange }[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ upload: { id }, state, data }) => ({
    id,
    state,
    ...data,
    offset: data.offset?.toString(),
  }));
  await tx.$executeRaw`
    UPDATE upload SET state = r.state::"UploadState", error = coalesce(r.error, upload.error),
           sha256 = coalesce(r.sha256, upload.sha256), "offset" = coalesce(r."offset", upload."offset"),
           "fileId" = coalesce(r."fileId", upload."fileId"), "sidecarId" = coalesce(r."sidecarId", upload."sidecarId"),
           "updatedAt" = now()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(id text, state text, error text, sha256 text, "offset" bigint, "fileId" int, "sidecarId" int)
     WHERE upload.id = r.id`;
  await auditAll(
    tx,
    changes.map(({ upload: { id, userId, state: before }, state, data }) => {
      const { sha256: _sha256, offset: _offset, ...outcome } = data;
      return {
        actor: userId,
        action: 'upload.state',
        subject: 'upload',
        subjectId: id,
        before: { state: before },
        after: { state, ...outcome },
      };
    }),
  );
  await publishAll(
    tx,
    changes.map(({ upload: { id, userId } }) => ({ kind: 'upload', uploadId: id, userId })),
  );
}

/** Holds the rows of uploads until the transaction ends. Those that have ended are not in the answer. */
export async function lockUploads(tx: Tx, uploads: readonly { id: string }[]): Promise<Map<string, LockedUpload>> {
  const ids = uploads.map(({ id }) => id);
  const rows = await tx.$queryRaw<LockedUpload[]>`
    SELECT id, "userId", state::text AS state FROM upload WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`;
  return new Map(rows.filter(({ state }) => isOpen(state)).map((row) => [row.id, row]));
}

/** Whether an upload with this state has not ended. */
export function isOpen(state: UploadState): boolean {
  return state === 'receiving' || state === 'received';
}

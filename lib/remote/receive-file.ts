import type { Actor } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db, type Prisma } from '../db/index.ts';
import { type DownloadTarget, download, RemoteError } from '../safe-fetch/index.ts';
import { createIncoming, dropIncoming, finishIncoming, receivedOf, receiveIncoming } from '../uploads/index.ts';
import { FILE_DIGESTS } from './columns.ts';
import { fileNameOf } from './file-name.ts';
import type { Asking, FoundSource } from './sources/index.ts';

type RemoteFile = Prisma.RemoteFileGetPayload<object>;

export interface Receiving {
  actor: Actor;
  asking: Asking;
  details: FoundSource['details'] | null;
  signal: AbortSignal;
  onProgress: () => void;
}

/**
 * Downloads one file and enters it into the catalog, from the byte on that is there. Throws RemoteError and AppError.
 */
export async function receiveFile(
  file: RemoteFile,
  { actor, asking, details, signal, onProgress }: Receiving,
): Promise<{ fileId: number | null; isDuplicate: boolean }> {
  const { id, url } = file;
  const digests = FILE_DIGESTS.tryRead(file.digests) ?? {};
  let { uploadId, filename } = file;
  const before = uploadId === null ? null : await db().upload.findUnique({ where: { id: uploadId } });
  // It was entered, and whoever did it ended before this was known.
  if (before !== null && (before.state === 'stored' || before.state === 'duplicate'))
    return { fileId: before.fileId, isDuplicate: before.state === 'duplicate' };
  if (before === null || before.state === 'aborted' || before.state === 'expired') uploadId = null;
  // All its bytes were there.
  if (before?.state === 'received') return await finish(before.id, false);
  const isResumed = uploadId !== null && ((await receivedOf(uploadId)) ?? 0) > 0;
  let isSizeKnown = file.size !== null;

  const keep = (data: Prisma.RemoteFileUpdateInput) => db().remoteFile.update({ where: { id }, data });
  const target: DownloadTarget = {
    received: async () => (uploadId === null ? 0 : ((await receivedOf(uploadId)) ?? 0)),
    async restart() {
      if (uploadId !== null) await dropIncoming(uploadId, 'The file at its source has changed.');
      uploadId = null;
      await keep({ upload: { disconnect: true }, validator: null });
    },
    async begin({ size, validator, answer }) {
      isSizeKnown ||= size !== null;
      const known = size ?? (file.size === null ? null : Number(file.size));
      if (details?.site == null) filename = fileNameOf(answer) ?? filename;
      const { setId, path } = file;
      uploadId ??= await createIncoming({ userId: actor.id, filename, size: known, digests, setId, path });
      await keep({
        filename,
        validator,
        state: 'running',
        message: null,
        upload: { connect: { id: uploadId } },
        ...(known === null ? {} : { size: known }),
      });
    },
    async write({ body }, from) {
      if (uploadId === null) return;
      body.once('readable', onProgress);
      await receiveIncoming(uploadId, body, { offset: from, isSizeKnown, signal });
      signal.throwIfAborted();
    },
  };
  const origin = new URL(url).origin;
  const credential = Object.values(asking.credentials).find((one) => one?.origin === origin) ?? null;
  await download(
    url,
    target,
    {
      size: file.size === null ? null : Number(file.size),
      validator: file.validator,
      hasDigest: Object.keys(digests).length > 0,
    },
    { ...asking.read, maxBytes: config().maxUploadBytes, credential, signal },
  );
  if (uploadId === null) throw new RemoteError('not-a-file', 'The file is empty.');
  const size = await target.received();
  const finished = await finish(uploadId, isResumed);
  await keep({ size });
  return finished;

  async function finish(id: string, wasResumed: boolean): Promise<{ fileId: number | null; isDuplicate: boolean }> {
    const { refused, fileId, isDuplicate } = await finishIncoming(id);
    if (refused === null) return { fileId, isDuplicate };
    await keep({ upload: { disconnect: true }, validator: null });
    // Parts of two files, where the source has changed it between them: from the first byte it may be whole.
    throw new RemoteError(
      wasResumed ? 'cut-off' : 'digest',
      `${new URL(url).host} sent other bytes than its page describes: a checksum does not match.`,
    );
  }
}

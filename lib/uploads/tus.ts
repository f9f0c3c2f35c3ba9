import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Server } from '@tus/server';
import { type Actor, authorize } from '../accounts/index.ts';
import { config } from '../config.ts';
import { DATABASE_AWAY, db, isDatabaseOutage, type UploadState } from '../db/index.ts';
import { DISK_FULL, isDiskFull } from '../disk-full.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { changeUpload } from './change-upload.ts';
import { createUpload, type NewUpload } from './create-upload.ts';
import { cleanFilename } from './filename.ts';
import { requireSetFile, requireTarget } from './find-target.ts';
import { finishUpload } from './finish.ts';
import { HashingStore } from './hashing-store.ts';
import { ProgressRecorder } from './progress.ts';
import { hasLapsed, renewRoom } from './room.ts';
import { UploadLocks } from './upload-locks.ts';

export const UPLOADS_PATH = '/api/uploads';
/** An upload that nobody went on with is dropped after this time. */
export const EXPIRATION_MS = 7 * 24 * 3600 * 1000;

interface UploadServer {
  tus: Server;
  store: HashingStore;
  locks: UploadLocks;
}

const currentActor = new AsyncLocalStorage<Actor>();
const nodeBodies = new AsyncLocalStorage<Readable>();
let created: UploadServer | undefined;

export function uploadServer(): UploadServer {
  created ??= createServer();
  return created;
}

/** Answers one request of the tus protocol (creation, termination, expiration). Throws AppError for whoever may not upload. */
export async function handleUpload(actor: Actor | null, request: Request): Promise<Response> {
  authorize(actor, 'upload.create');
  return await currentActor.run(actor, () => uploadServer().tus.handleWeb(request));
}

/**
 * Answers a request for an upload, `answer`, whose body is read from Node's own stream: through those of the web every
 * piece of a file would pass four more streams, at several times the processor time (`npm run bench:uploads`).
 */
export function withNodeBody<T>(body: Readable, answer: () => T): T {
  return nodeBodies.run(body, answer);
}

/** Answers OPTIONS: what of the protocol the server has. */
export async function describeUploads(request: Request): Promise<Response> {
  return await uploadServer().tus.handleWeb(request);
}

function createServer(): UploadServer {
  const directory = join(config().home, 'uploads');
  mkdirSync(directory, { recursive: true });
  const locks = new UploadLocks();
  const progress = new ProgressRecorder();
  const store = new HashingStore({
    directory,
    expirationPeriodInMilliseconds: EXPIRATION_MS,
    lockOf: (id) => locks.heldBy(id),
    nodeBody: () => nodeBodies.getStore() ?? null,
    onProgress: (id, offset) => progress.report(id, offset),
    onRemove: (id) => changeUpload(id, 'aborted'),
    finishedSize,
  });
  const tus = new Server({
    path: UPLOADS_PATH,
    datastore: store,
    locker: locks,
    relativeLocation: true,
    maxSize: config().maxUploadBytes,
    namingFunction: () => randomUUID(),
    onIncomingRequest: async (request, id) => {
      // A creation comes with the id that it is about to get.
      if (request.method === 'POST') return;
      const { state, size, updatedAt } = await checkOwner(id);
      if (request.method === 'DELETE') return;
      if (request.method === 'PATCH' && state === 'receiving' && hasLapsed(updatedAt)) await renewRoom(id);
      // The last byte came, and then something failed. Who asks again is not told that all is well before it is.
      const isWhole = state === 'receiving' && request.method === 'HEAD' && (await store.received(id)) === Number(size);
      if (state === 'received' || isWhole) await finish(id);
    },
    onUploadCreate: async (_request, upload) => {
      const size = upload.size ?? null;
      if (size === null) throw refusal(400, 'The file size is missing.');
      if (size === 0) throw refusal(400, 'The file is empty.');
      const filename = cleanFilename(upload.metadata?.filename ?? '');
      const actor = actorOfCall();
      const { modelId, ...of } = await readTarget(actor, size, upload.metadata ?? {});
      await createUpload({ id: upload.id, userId: actor.id, filename, size, modelId, ...of });
      return {};
    },
    onUploadFinish: async (_request, upload) => {
      await finish(upload.id);
      return {};
    },
    onResponseError: (_request, error) => {
      if (error instanceof AppError) return refusal(error.status, error.message);
      // Clients try again after a 503.
      if (isDatabaseOutage(error)) return refusal(503, DATABASE_AWAY);
      if (isDiskFull(error)) return refusal(507, DISK_FULL);
      if (error instanceof Error) log('uploads').warn({ error: error.message }, 'An upload request failed.');
      return undefined;
    },
  });
  const finish = async (id: string) => {
    progress.forget(id);
    const refused = await locks.withLock(id, (lost) => finishUpload(store, id, lost));
    if (refused !== null) throw refusal(460, refused);
  };
  return { tus, store, locks };
}

/** An error as tus sends it: the body is text that the client shows. */
function refusal(status_code: number, body: string): { status_code: number; body: string } {
  return { status_code, body: `${body}\n` };
}

function actorOfCall(): Actor {
  const actor = currentActor.getStore();
  if (actor === undefined) throw new AppError('not_signed_in', 'Sign in first.');
  return actor;
}

async function checkOwner(id: string): Promise<{ state: UploadState; size: bigint; updatedAt: Date }> {
  const upload = await db().upload.findUnique({
    where: { id },
    select: { userId: true, state: true, size: true, updatedAt: true },
  });
  // Somebody else's upload looks like none at all.
  if (upload === null || upload.userId !== actorOfCall().id) throw refusal(404, 'Upload not found.');
  return upload;
}

async function finishedSize(id: string): Promise<number | null> {
  const upload = await db().upload.findFirst({
    where: {
      id,
      // A file of a model in several waits in the store for the others.
      OR: [{ state: { in: ['stored', 'duplicate'] } }, { state: 'received', setId: { not: null } }],
    },
    select: { size: true },
  });
  return upload === null ? null : Number(upload.size);
}

/** What an upload is for: a version of a model, or one of the files of a model in several. Throws AppError. */
async function readTarget(
  actor: Actor,
  size: number,
  metadata: Readonly<Record<string, string | null>>,
): Promise<Pick<NewUpload, 'modelId' | 'setId' | 'path'>> {
  const { set: setId, path, modelId } = metadata;
  if (setId) {
    await requireSetFile(actor, { setId, path: path ?? '', size });
    return { modelId: null, setId, path: path ?? '' };
  }
  if (!modelId) return { modelId: null };
  const id = Number.parseInt(modelId, 10) || 0;
  await requireTarget(actor, id);
  return { modelId: id };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS, Server } from '@tus/server';
import { type Actor, authorize, can } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { log } from '../log.ts';
import { cleanFilename } from './filename.ts';
import { changeUpload, finishUpload, recoverUploads } from './finish.ts';
import { HashingStore } from './hashing-store.ts';

export const UPLOADS_PATH = '/api/uploads';
/** An upload that nobody went on with is dropped after this time. */
export const EXPIRATION_MS = 7 * 24 * 3600 * 1000;
const PROGRESS_MS = 1000;
/** Room that must stay for the conversion and the database. */
const SPARE_BYTES = 512 * 1024 * 1024;

interface UploadServer {
  tus: Server;
  store: HashingStore;
}

const currentActor = new AsyncLocalStorage<Actor>();
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

/** Answers OPTIONS: what of the protocol the server has. */
export async function describeUploads(request: Request): Promise<Response> {
  return await uploadServer().tus.handleWeb(request);
}

export function openStore(): HashingStore {
  const directory = join(config().home, 'uploads');
  mkdirSync(directory, { recursive: true });
  return new HashingStore({ directory, expirationPeriodInMilliseconds: EXPIRATION_MS });
}

function createServer(): UploadServer {
  const store = openStore();
  const tus = new Server({
    path: UPLOADS_PATH,
    datastore: store,
    relativeLocation: true,
    maxSize: config().maxUploadBytes,
    postReceiveInterval: PROGRESS_MS,
    namingFunction: () => randomUUID(),
    onIncomingRequest: async (request, id) => {
      // A creation comes with the id that it is about to get.
      if (request.method !== 'POST') await checkOwner(id);
    },
    onUploadCreate: async (_request, upload) => {
      const size = upload.size ?? null;
      if (size === null) throw refusal(400, 'The file size is missing.');
      if (size === 0) throw refusal(400, 'The file is empty.');
      await checkDiskSpace(size);
      const filename = cleanFilename(upload.metadata?.filename ?? '');
      const modelId = await readModelId(upload.metadata?.modelId ?? null);
      const { id: userId } = actorOfCall();
      await db().upload.create({ data: { id: upload.id, userId, filename, size, modelId } });
      return {};
    },
    onUploadFinish: async (_request, upload) => {
      const refused = await finishUpload(store, upload.id, upload.metadata?.sha256 ?? null);
      if (refused !== null) throw refusal(460, refused);
      return {};
    },
    onResponseError: (_request, error) => {
      if (error instanceof AppError) return refusal(error.status, error.message);
      if (error instanceof Error) log('uploads').warn({ error: error.message }, 'An upload request failed.');
      return undefined;
    },
  });
  tus.on(EVENTS.POST_RECEIVE, (_request, upload) => void publishProgress(upload.id, upload.offset));
  tus.on(EVENTS.POST_TERMINATE, (_request, _response, id) => void changeUpload(id, 'aborted').catch(() => {}));
  void recoverUploads(store).catch((error: Error) =>
    log('uploads').error({ error: error.message }, 'Unfinished uploads could not be checked.'),
  );
  return { tus, store };
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

async function checkOwner(id: string): Promise<void> {
  const upload = await db().upload.findUnique({ where: { id }, select: { userId: true } });
  // Somebody else's upload looks like none at all.
  if (upload === null || upload.userId !== actorOfCall().id) throw refusal(404, 'Upload not found.');
}

async function checkDiskSpace(size: number): Promise<void> {
  const { bavail, bsize } = await statfs(config().home);
  if (bavail * bsize < size + SPARE_BYTES) {
    throw refusal(507, 'Not enough disk space on the server. Contact the administrator.');
  }
}

async function readModelId(text: string | null): Promise<number | null> {
  if (text === null || text === '') return null;
  const model = await db().model.findUnique({
    where: { id: Number.parseInt(text, 10) || 0 },
    select: { id: true, ownerId: true },
  });
  if (model === null) throw refusal(404, 'The model for this new version does not exist.');
  if (!can(actorOfCall(), 'model.add-version', model.ownerId))
    throw refusal(403, 'You do not have permission to add versions to this model.');
  return model.id;
}

async function publishProgress(id: string, offset: number): Promise<void> {
  const { count } = await db().upload.updateMany({ where: { id, state: 'receiving' }, data: { offset } });
  const upload = count === 0 ? null : await db().upload.findUnique({ where: { id }, select: { userId: true } });
  if (upload !== null) await publish(db(), { kind: 'upload', uploadId: id, userId: upload.userId });
}

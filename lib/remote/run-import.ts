import { type Actor, actorOfUser, can } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { enqueue } from '../queue/index.ts';
import { type Credential, RemoteError } from '../safe-fetch/index.ts';
import { insertUploadSet } from '../uploads/index.ts';
import { applyDetails } from './apply-details.ts';
import { changeImport, isOpenState } from './change-import.ts';
import { DETAILS, FILE_COMPANIONS, FILE_DIGESTS } from './columns.ts';
import { keepCompanions } from './keep-companions.ts';
import { receiveFile } from './receive-file.ts';
import { DISABLED, dropUnfinished } from './request-import.ts';
import { type Asking, findSource, parseSource } from './sources/index.ts';
import { readSiteToken } from './tokens.ts';
import { SITE_NAMES, type Site } from './types.ts';

/** Tries in a row that bring nothing, before an import fails. */
const MAX_FAILURES = 8;
const FIRST_WAIT_S = 5;
const LONGEST_WAIT_S = 900;
/** How often an import that runs asks whether it was cancelled. */
const WATCH_MS = 1000;

/**
 * Downloads what an import asks for and enters it into the catalog. Goes on where an earlier try ended. What may go
 * better later is queued again; what a person must change is a message. Throws where the service itself has a problem.
 */
export async function runRemoteImport(importId: number): Promise<void> {
  const row = await db().remoteImport.findUnique({ where: { id: importId } });
  if (row === null || !isOpenState(row.state)) return;
  const actor = await actorOfUser(row.ownerId);
  const stop = new AbortController();
  const watch = setInterval(async () => {
    const now = await db()
      .remoteImport.findUnique({ where: { id: importId }, select: { state: true } })
      .catch(() => undefined);
    if (now !== undefined && (now === null || !isOpenState(now.state)))
      stop.abort(new Error('The import was cancelled.'));
  }, WATCH_MS);
  // Reset as soon as bytes come.
  const progress = { failures: row.failures };
  try {
    if (config().remote.hosts.isEmpty) throw new AppError('forbidden', DISABLED);
    if (actor === null || !can(actor, 'upload.create'))
      throw new AppError('forbidden', 'You do not have permission to upload any more.');
    if (!(await changeImport(importId, 'running', { notBefore: null, message: null }))) return;
    await importFiles(actor, importId, row.source, stop.signal, () => {
      progress.failures = 0;
    });
    await changeImport(importId, 'done', { failures: 0, message: null });
  } catch (error) {
    if (stop.signal.aborted) return await dropUnfinished(importId, 'The import was cancelled.');
    await settle(importId, error, progress.failures);
  } finally {
    clearInterval(watch);
  }
}

async function importFiles(
  actor: Actor,
  importId: number,
  source: string,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const asking = await askingFor(actor.id, signal);
  await findFiles(actor, importId, source, asking);
  const { details, files } = await db().remoteImport.findUniqueOrThrow({
    where: { id: importId },
    include: { files: { orderBy: { id: 'asc' } } },
  });
  const said = DETAILS.tryRead(details);
  const isOnlyFile = new Set(files.map(({ id, setId }) => setId ?? id)).size === 1;
  let failure: unknown = null;
  for (const file of files.filter(({ state }) => state !== 'done')) {
    signal.throwIfAborted();
    try {
      const { fileId, isDuplicate } = await receiveFile(file, { actor, asking, details: said, signal, onProgress });
      // Of a model in several files it comes with the last one.
      if (said !== null && fileId !== null && !isDuplicate) {
        await keepCompanions(actor, fileId, FILE_COMPANIONS.tryRead(file.companions) ?? [], { asking, signal });
        await applyDetails(actor, fileId, said, { asking, isOnlyFile, signal });
      }
      await db().remoteFile.update({ where: { id: file.id }, data: { state: 'done', message: null } });
    } catch (error) {
      // The other files of a repository are no worse for it.
      if (signal.aborted || !isForPeople(error)) throw error;
      failure = failure instanceof RemoteError && failure.isTemporary ? failure : error;
      await db().remoteFile.update({
        where: { id: file.id },
        data: { state: isTemporary(error) ? 'waiting' : 'failed', message: wordsOf(error) },
      });
    }
  }
  if (failure !== null) throw failure;
}

/** Asks the source once: what it said is kept with the import. */
async function findFiles(actor: Actor, importId: number, source: string, asking: Asking): Promise<void> {
  if ((await db().remoteFile.count({ where: { importId } })) > 0) return;
  const parsed = parseSource(source, asking.endpoints);
  const found = await findSource(parsed, asking).catch((error: unknown) => {
    throw explainDenied(error, parsed.kind === 'url' ? null : parsed.kind, asking);
  });
  const { files, sets = [], details } = found;
  await db().$transaction(async (tx) => {
    await tx.remoteImport.update({ where: { id: importId }, data: { details: DETAILS.write(details) } });
    const setIds: string[] = [];
    for (const [index, { name, layout }] of sets.entries()) {
      const parts = files.flatMap(({ part, size }) =>
        part?.set === index ? [{ path: part.path, size: size ?? 0 }] : [],
      );
      setIds.push((await insertUploadSet(tx, actor.id, { name, layout, files: parts })).id);
    }
    await tx.remoteFile.createMany({
      data: files.map(({ url, filename, size, digests, part, companions }) => ({
        importId,
        url,
        filename,
        size,
        digests: FILE_DIGESTS.write(digests),
        companions: FILE_COMPANIONS.write(companions ?? (part === undefined ? [] : (sets[part.set]?.companions ?? []))),
        ...(part === undefined ? {} : { setId: setIds[part.set] ?? null, path: part.path }),
      })),
    });
  });
}

/** Says what a person can do where a site denies access. */
export function explainDenied(error: unknown, site: Site | null, { credentials }: Asking): unknown {
  if (!(error instanceof RemoteError) || error.fault !== 'denied' || site === null) return error;
  const name = SITE_NAMES[site];
  const what =
    credentials[site] === null
      ? `Set your ${name} token on the account page. The model may also be private, or its terms must be accepted on ${name} first.`
      : `Your ${name} token does not give access to it. Accept the terms of the model on ${name}, or set another token on the account page.`;
  return new RemoteError('denied', `${name} denied access. ${what}`, { cause: error });
}

async function askingFor(userId: string, signal: AbortSignal): Promise<Asking> {
  const { hosts, huggingface, civitai } = config().remote;
  const credentialFor = async (site: Site, address: string): Promise<Credential | null> => {
    const token = await readSiteToken(userId, site);
    const url = new URL(address);
    // Never over the internet as plain text.
    const isSafe = url.protocol === 'https:' || hosts.allowsPrivate(url);
    return token === null || !isSafe ? null : { origin: url.origin, token };
  };
  return {
    endpoints: { huggingface, civitai },
    credentials: {
      huggingface: await credentialFor('huggingface', huggingface),
      civitai: await credentialFor('civitai', civitai),
    },
    read: { hosts, signal },
  };
}

async function settle(importId: number, error: unknown, failures: number): Promise<void> {
  if (!isForPeople(error)) {
    log('remote').error({ importId, error: (error as Error).message }, 'An import was interrupted.');
    throw error;
  }
  const message = wordsOf(error);
  if (!isTemporary(error) || failures + 1 >= MAX_FAILURES) {
    await changeImport(importId, 'failed', { message, failures: failures + 1 });
    // What would be resumed stays for a week; what is wrong is dropped.
    if (!isTemporary(error)) await dropUnfinished(importId, message);
    return;
  }
  const backoff = Math.min(FIRST_WAIT_S * 2 ** failures, LONGEST_WAIT_S);
  const seconds = Math.max(backoff, error instanceof RemoteError ? (error.retryAfter ?? 0) : 0);
  await changeImport(
    importId,
    'waiting',
    { message, failures: failures + 1, notBefore: new Date(Date.now() + seconds * 1000) },
    { also: (tx) => enqueue('remote', { importId }, { tx, afterSeconds: seconds }) },
  );
}

function isForPeople(error: unknown): error is RemoteError | AppError {
  return error instanceof RemoteError || error instanceof AppError;
}

function isTemporary(error: unknown): boolean {
  return error instanceof RemoteError ? error.isTemporary : error instanceof AppError && error.code === 'unavailable';
}

function wordsOf(error: RemoteError | AppError): string {
  return error.message.slice(0, 1000);
}

import { access, constants, realpath, stat } from 'node:fs/promises';
import { z } from 'zod';
import { isSystemError } from '#scanner/errors.ts';
import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, type ImportState } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { enqueue, recoverLost } from '../queue/index.ts';
import { changeImport, isOpenState } from './change-import.ts';
import { requireImport } from './list-imports.ts';
import { requireImportFolder } from './roots.ts';
import { isDue, SCHEDULES } from './watch/index.ts';

export const NEW_IMPORT = z.strictObject({
  path: z.string().min(1).max(4096),
  /** Whether names of folders become tags. */
  tags: z.boolean().default(false),
  /** Whether the files stay where they are; otherwise they are copied. */
  inPlace: z.boolean().optional(),
  /** Only searches, and waits for `start`. */
  dryRun: z.boolean().default(false),
});

export type NewImport = z.output<typeof NEW_IMPORT>;

/** Starts the import of a folder that the operator allows, or searches one anew that was imported before. Throws AppError. */
export async function requestImport(actor: Actor, wanted: NewImport): Promise<{ id: number }> {
  authorize(actor, 'imports.manage');
  return await createImport(actor.id, actor.id, await requireImportFolder(wanted.path), wanted);
}

/** The same for who works on the service's machine: any folder, for an administrator's account. Throws AppError. */
export async function requestImportHere(ownerId: string, wanted: NewImport): Promise<{ id: number }> {
  const root = await realpath(wanted.path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR'))
      throw new AppError('not_found', `There is no folder ${wanted.path}.`);
    throw unreadable(wanted.path, error);
  });
  if (!(await stat(root)).isDirectory())
    throw new AppError(
      'bad_request',
      `${wanted.path} is not a folder. Import the folder that it is in, or send the file with \`weighhouse upload\`.`,
    );
  await access(root, constants.R_OK | constants.X_OK).catch((error: unknown) => {
    throw unreadable(wanted.path, error);
  });
  return await createImport('system', ownerId, root, wanted);
}

/** What a person is told where the system does not let a folder be read; what is no error of the system is given back. */
function unreadable(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const advice = isSystemError(error, 'EACCES', 'EPERM') ? ' Check its permissions.' : '';
  return new AppError('bad_request', `${path} cannot be read (${error.code}).${advice}`);
}

const OTHER_MODE = {
  copy: 'This folder is imported as copies already. Remove that import from the list first; its models stay.',
  inPlace: 'This folder is imported in place already. Remove that import from the list first; its models stay.',
};

async function createImport(
  actor: string,
  ownerId: string,
  root: string,
  { tags, inPlace = false, dryRun }: NewImport,
) {
  const known = await db().import.findUnique({ where: { root }, select: { id: true, state: true, inPlace: true } });
  if (known !== null) {
    if (isOpenState(known.state)) throw beingImported();
    if (known.inPlace !== inPlace && !(await changeMode(known.id, inPlace)))
      throw new AppError('conflict', OTHER_MODE[known.inPlace ? 'inPlace' : 'copy']);
    if (!(await changeImport(known.id, 'searching', { actor, starts: !dryRun }, (state) => !isOpenState(state))))
      throw beingImported();
    await db().import.update({ where: { id: known.id }, data: { tags } });
    return { id: known.id };
  }
  return await db().$transaction(async (tx) => {
    const { id } = await tx.import.create({
      data: { ownerId, root, tags, inPlace, starts: !dryRun },
      select: { id: true },
    });
    await audit(tx, { actor, action: 'import.state', subject: 'import', subjectId: id, after: { state: 'searching' } });
    await enqueue('import', { importId: id }, { tx });
    await publish(tx, { kind: 'import', importId: id, ownerId });
    return { id };
  });
}

function beingImported(): AppError {
  return new AppError('conflict', 'This folder is being imported already.');
}

/** Copies in place of files that stay, or the reverse, while nothing was imported. False where something was. */
async function changeMode(id: number, inPlace: boolean): Promise<boolean> {
  return await db().$transaction(async (tx) => {
    const { count } = await tx.import.updateMany({
      where: { id, state: { notIn: ['searching', 'running'] }, entries: { none: { fileId: { not: null } } } },
      data: { inPlace },
    });
    // What the next search holds the files against is kept in place alone.
    if (count > 0) await tx.importEntry.deleteMany({ where: { importId: id } });
    return count > 0;
  });
}

/** What a person can do with an import, the states it takes, and the one that follows. */
const STEPS = {
  start: { from: ['ready', 'paused', 'cancelled', 'failed', 'done'], to: 'running' },
  search: { from: ['ready', 'paused', 'cancelled', 'failed', 'done'], to: 'searching' },
  pause: { from: ['searching', 'running'], to: 'paused' },
  cancel: { from: ['searching', 'running', 'ready', 'paused'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly ImportState[]; to: ImportState }>;

export type ImportStep = keyof typeof STEPS;

export const IMPORT_STEP = z.strictObject({ step: z.enum(Object.keys(STEPS) as [ImportStep, ...ImportStep[]]) });

/** Starts, pauses, cancels or searches again. Models that were imported stay. Throws AppError. */
export async function stepImport(actor: Actor, id: number, step: ImportStep): Promise<void> {
  authorize(actor, 'imports.manage');
  await requireImport(id);
  const { from, to } = STEPS[step];
  const states: readonly ImportState[] = from;
  // Whoever has imported the folder wants what a later search finds, too.
  const change = { actor: actor.id, ...(step === 'start' ? { starts: true } : {}) };
  if (!(await changeImport(id, to, change, (state) => states.includes(state))))
    throw new AppError('conflict', 'The import is in another state by now. Reload the page.');
}

export const IMPORT_SCHEDULE = z.strictObject({ schedule: z.enum(SCHEDULES) });

/** Sets how often the folder is searched for changes by itself. Throws AppError. */
export async function setImportSchedule(
  actor: Actor,
  id: number,
  { schedule }: z.output<typeof IMPORT_SCHEDULE>,
): Promise<void> {
  authorize(actor, 'imports.manage');
  await requireImport(id);
  await db().import.update({ where: { id }, data: { schedule } });
}

/** Forgets an import with its list. Models that were imported stay. Throws AppError. */
export async function forgetImport(actor: Actor, id: number): Promise<void> {
  authorize(actor, 'imports.manage');
  const { count } = await db().import.deleteMany({ where: { id, state: { notIn: ['searching', 'running'] } } });
  if (count > 0) return;
  await requireImport(id);
  throw new AppError('conflict', 'Cancel the import first.');
}

/** Goes on with imports whose jobs were lost, and searches those again whose time has come. */
export async function continueImports(now = new Date()): Promise<void> {
  const rows = await db().import.findMany({ select: { id: true, state: true, schedule: true, searchedAt: true } });
  await recoverLost({
    kind: 'import',
    // One that goes on again is queued in the same transaction, so that none is too young.
    find: async () => rows.filter(({ state }) => isOpenState(state)),
    payloadOf: ({ id }) => ({ importId: id }),
  });
  for (const { id, state, schedule, searchedAt } of rows)
    if (state === 'done' && SCHEDULES.some((one) => one === schedule && isDue(one, searchedAt, now)))
      await changeImport(id, 'searching', { starts: true }, (before) => before === 'done');
}

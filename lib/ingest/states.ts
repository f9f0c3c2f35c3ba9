import { audit } from '../audit/index.ts';
import type { ConversionState, FileState, Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';

/** The verdict's way. A finished verdict can only be made anew, by scanning again. */
const FILE_TRANSITIONS: Record<FileState, readonly FileState[]> = {
  quarantined: ['scanning'],
  scanning: ['clean', 'suspicious', 'malformed', 'dangerous', 'incomplete', 'scanning'],
  clean: ['scanning'],
  suspicious: ['scanning'],
  malformed: ['scanning'],
  dangerous: ['scanning'],
  incomplete: ['scanning'],
};

const CONVERSION_TRANSITIONS: Record<ConversionState, readonly ConversionState[]> = {
  none: ['queued', 'converting', 'converted', 'not_convertible'],
  queued: ['converting', 'not_convertible', 'converted'],
  converting: ['verifying', 'not_convertible', 'converting'],
  verifying: ['converted', 'not_convertible', 'converting'],
  converted: ['queued'],
  not_convertible: ['queued'],
};

export interface FileChange {
  state?: FileState;
  conversion?: ConversionState;
  conversionReason?: string | null;
  convertedSha256?: string;
  /** A user's id, or `system`. */
  actor?: string;
}

/**
 * Changes a file's states; with the audit row and the event, all in the caller's transaction. The row is locked, so
 * that two workers cannot both make a change. Throws AppError `conflict` for a change that the tables above do not have.
 */
export async function changeFileState(tx: Tx, fileId: number, change: FileChange): Promise<void> {
  const { actor = 'system', ...wanted } = change;
  await tx.$queryRaw`SELECT id FROM model_file WHERE id = ${fileId} FOR UPDATE`;
  const file = await tx.modelFile.findUniqueOrThrow({
    where: { id: fileId },
    select: {
      state: true,
      conversion: true,
      version: { select: { modelId: true, model: { select: { ownerId: true } } } },
    },
  });
  if (wanted.state !== undefined && !FILE_TRANSITIONS[file.state].includes(wanted.state)) {
    throw new AppError('conflict', `The file is ${file.state} and cannot become ${wanted.state}.`);
  }
  if (wanted.conversion !== undefined && !CONVERSION_TRANSITIONS[file.conversion].includes(wanted.conversion)) {
    throw new AppError('conflict', `The conversion is ${file.conversion} and cannot become ${wanted.conversion}.`);
  }
  await tx.modelFile.update({ where: { id: fileId }, data: wanted });
  await audit(tx, {
    actor,
    action: 'file.state',
    subject: 'file',
    subjectId: fileId,
    before: { state: file.state, conversion: file.conversion },
    after: wanted,
  });
  await refreshModel(tx, file.version.modelId);
  await publish(tx, { kind: 'file', fileId, modelId: file.version.modelId, ownerId: file.version.model.ownerId });
}

/**
 * Brings what the catalog shows of a model into step with its newest file: verdict, size, and the type and base that
 * identification found, unless a person said otherwise.
 */
export async function refreshModel(tx: Tx, modelId: number): Promise<void> {
  const model = await tx.model.findUniqueOrThrow({
    where: { id: modelId },
    select: { typeSource: true, baseSource: true, published: true },
  });
  const file = await tx.modelFile.findFirst({
    where: { version: { modelId } },
    orderBy: { id: 'desc' },
    select: {
      state: true,
      conversion: true,
      identity: true,
      source: { select: { size: true } },
      converted: { select: { size: true } },
    },
  });
  if (file === null) return;
  const identity = file.identity as { type?: string; base?: string } | null;
  await tx.model.update({
    where: { id: modelId },
    data: {
      verdict: file.state,
      size: file.converted?.size ?? file.source.size,
      ...(model.typeSource !== 'user' && identity?.type ? { type: identity.type, typeSource: 'weights' as const } : {}),
      ...(model.baseSource !== 'user' && identity?.base ? { base: identity.base, baseSource: 'weights' as const } : {}),
      ...(file.conversion === 'converted' ? { published: true } : {}),
    },
  });
}

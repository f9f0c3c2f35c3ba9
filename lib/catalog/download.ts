import { buffer } from 'node:stream/consumers';
import { withoutModelEnding } from '#scanner/model-files.ts';
import { type Actor, authorize, can } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, type FileState } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { readBlob, requireBlob } from '../storage/index.ts';
import { maySee, requireVisible } from './visibility.ts';
import { type DownloadedPart, replacePickles } from './without-pickles.ts';

/** Bytes that may be handed out: where they are, and what they are called. */
export interface Download {
  sha256: string;
  /** Bytes. */
  size: number;
  filename: string;
  modifiedAt: Date;
  modelId: number;
}

/** A file as it was uploaded, or the files of a model in several. */
export interface Original extends Download {
  /** With their paths in the model's folder; null for a single file. */
  parts: DownloadedPart[] | null;
}

interface FileGate {
  state: FileState;
  convertedSha256: string | null;
}

/**
 * The gate. The safetensors is for everybody who sees the model: it cannot run anything. The original is too when its
 * verdict is clean; any other only for those who may look into the quarantine.
 */
export function mayDownload(
  actor: Actor | null,
  model: { published: boolean; ownerId: string | null },
  file: FileGate,
  which: 'converted' | 'original',
): boolean {
  if (!maySee(actor, model) || !can(actor, 'file.download')) return false;
  if (which === 'converted') return file.convertedSha256 !== null;
  return file.state === 'clean' || can(actor, 'file.fetch-quarantined');
}

/** The newest safetensors of a version. Throws AppError `not_found`, or `conflict` with the reason why there is none yet. */
export async function findConverted(actor: Actor | null, versionId: number): Promise<Download> {
  return (await findConvertedFile(actor, versionId)).download;
}

interface ConvertedFile {
  file: { filename: string; sourceSha256: string; state: FileState; rules: string | null };
  download: Download;
}

/** The same, with the file that it was converted from. */
export async function findConvertedFile(actor: Actor | null, versionId: number): Promise<ConvertedFile> {
  const version = await db().modelVersion.findUnique({
    where: { id: versionId },
    include: { model: true, files: { orderBy: { id: 'desc' }, include: { converted: true } } },
  });
  requireVisible(actor, version?.model, 'version');
  if (version === null) throw new AppError('not_found', 'Version not found.');
  authorize(actor, 'file.download');
  const file = version.files.find(({ converted }) => converted !== null);
  if (!file?.converted) throw new AppError('conflict', reasonOf(version.files[0]));
  const download = {
    sha256: file.converted.sha256,
    size: Number(file.converted.size),
    filename: convertedName(file.filename),
    modifiedAt: file.converted.createdAt,
    modelId: version.modelId,
  };
  return { file, download };
}

function reasonOf(
  file: { state: FileState; conversion: string; conversionReason: string | null; container: string } | undefined,
): string {
  if (file === undefined) return 'This version has no file.';
  if (file.container === 'gguf') return 'This is a GGUF file, which is not converted. Download the original file.';
  if (file.conversion === 'not_convertible')
    return `This file could not be converted. ${file.conversionReason ?? ''}`.trim();
  if (file.state === 'clean' || file.state === 'scanning' || file.state === 'quarantined')
    return 'This file is still being processed. Try again later.';
  return `This file is ${file.state} and in quarantine. A moderator can disarm it to publish its tensors.`;
}

/**
 * The file as it was uploaded. A model in several files has safetensors in place of the pickles that could be converted,
 * unless `keepPickles`. A moderator's look into the quarantine leaves an audit row, and replaces nothing.
 */
export async function findOriginal(
  actor: Actor | null,
  fileId: number,
  { keepPickles = false }: { keepPickles?: boolean } = {},
): Promise<Original> {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    include: {
      source: true,
      version: { include: { model: true } },
      parts: { orderBy: { path: 'asc' }, include: { blob: true, converted: true } },
    },
  });
  requireVisible(actor, file?.version.model, 'file');
  if (file === null) throw new AppError('not_found', 'File not found.');
  if (!mayDownload(actor, file.version.model, file, 'original')) {
    if (file.state !== 'clean') {
      throw new AppError(
        'forbidden',
        `The original file is ${file.state} and in quarantine. Download the safetensors file if one is available.`,
      );
    }
    authorize(actor, 'file.download');
  }
  if (file.state !== 'clean') {
    authorize(actor, 'file.fetch-quarantined');
    await audit(db(), {
      actor: actor.id,
      action: 'file.fetch-quarantined',
      subject: 'file',
      subjectId: fileId,
      after: { state: file.state, sha256: file.sourceSha256 },
    });
  }
  const uploaded = file.parts.map(({ path, sha256, blob, converted }) => ({
    path,
    sha256,
    size: Number(blob.size),
    converted: converted === null ? null : { sha256: converted.sha256, size: Number(converted.size) },
  }));
  const isReplaced = !keepPickles && file.state === 'clean';
  const parts = isReplaced ? await replacePickles(uploaded, readWhole) : uploaded;
  return {
    sha256: file.sourceSha256,
    size: Number(file.source.size),
    filename: file.filename,
    modifiedAt: file.source.createdAt,
    modelId: file.version.modelId,
    parts: file.layout === 'file' ? null : parts,
  };
}

async function readWhole(sha256: string): Promise<Buffer> {
  return await buffer(readBlob(await requireBlob(sha256)));
}

export async function countDownload(modelId: number): Promise<void> {
  // Not `update`: it would move the model to the top of "last changed".
  await db().$executeRaw`UPDATE model SET downloads = downloads + 1 WHERE id = ${modelId}`;
}

/** What the safetensors made from a file is called. */
export function convertedName(filename: string): string {
  return `${withoutModelEnding(filename)}.safetensors`;
}

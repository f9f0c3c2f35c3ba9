import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Identity } from '#scanner/identify/index.ts';
import { config } from '../config.ts';
import type { FileLayout } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { listNotes } from '../sidecars/index.ts';
import { FileProcess } from './file-process.ts';
import { openParts } from './parts.ts';
import { runInSandbox, SandboxError } from './sandbox.ts';
import { findStageFile } from './stage-file.ts';
import type { StageResults } from './stages.ts';

interface KnownFile {
  id: number;
  filename: string;
  layout: FileLayout;
  sourceSha256: string;
}

/**
 * What these rules say of a file, read as its ingest reads it. Nothing is written, so that it can be shown before it takes
 * the place of what is known. Throws AppError with the reason where it cannot be identified.
 */
export async function previewIdentity(file: KnownFile): Promise<Identity> {
  try {
    const { identity } = await (file.layout === 'file' ? identifyOne(file) : identifyParts(file.id, file.layout, file));
    return identity;
  } catch (error) {
    if (error instanceof SandboxError) throw new AppError('conflict', error.message, { cause: error });
    throw error;
  }
}

async function identifyOne({ id, filename: name, sourceSha256: sha256 }: KnownFile): Promise<StageResults['identify']> {
  const { path, input } = await findStageFile(sha256);
  const notes = await listNotes(id);
  await using process = new FileProcess(input, { extras: notes.length > 0 ? ['notes'] : [] });
  const { stageMemory: memory, stageTimeout: timeout } = config();
  return await process.run({ stage: 'identify', path, name, sha256, notes }, { memory, timeout });
}

async function identifyParts(
  id: number,
  layout: Exclude<FileLayout, 'file'>,
  { filename }: KnownFile,
): Promise<StageResults['identify']> {
  const { folder, paths, inputs } = await openParts(id, layout, filename);
  const { stageMemory: memory, stageTimeout: timeout } = config();
  // Its own: an ingest of the same file may be using the other.
  const scratch = join(config().home, 'scratch', `preview-${id}`);
  await mkdir(scratch, { recursive: true });
  try {
    return await runInSandbox({ stage: 'identify', folder }, { readPaths: paths, inputs, scratch, memory, timeout });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

import { FileChangedError } from '#scanner/errors.ts';
import { formatStamp } from '#scanner/file-stamp.ts';
import type { InputFile } from '#scanner/opened-files.ts';
import { AppError } from '../errors.ts';
import { type BlobPlace, blobStore, LostBlobError, requireBlob } from '../storage/index.ts';
import { SandboxError } from './sandbox.ts';

/** A file that stages read, as their processes are given it. */
export interface StageFile {
  path: string;
  input: InputFile;
  /** When the bytes last changed; null where the store has lost them, which the stage then finds. */
  changedAt: Date | null;
  /** Whether it was imported in place and is still as it was when its bytes had their SHA-256. */
  isHeld: boolean;
}

/** Where stages read the bytes of a blob. Throws LostBlobError where others have changed or moved their file. */
export async function findStageFile(sha256: string): Promise<StageFile> {
  const place = await requireBlob(sha256).catch((error: unknown) => {
    if (error instanceof LostBlobError || !(error instanceof AppError)) throw error;
    return null;
  });
  if (place === null) {
    const path = blobStore().pathOf(sha256);
    return { path, input: { path }, changedAt: null, isHeld: false };
  }
  const { path, changedAt, stamp } = place;
  return { path, input: { path, ...guardOf(place) }, changedAt, isHeld: stamp !== null };
}

/** What a stage's process holds a file against that others can change. */
function guardOf({ stamp, sha256 }: BlobPlace): Pick<InputFile, 'stamp' | 'sha256'> {
  return stamp === null ? {} : { stamp: formatStamp(stamp), sha256 };
}

/** The sentence for people where the bytes of a file that was imported in place are not to be had any more; or null. */
export function explainLost(error: unknown): string | null {
  const isChanged = error instanceof SandboxError && error.cause === new FileChangedError().name;
  return isChanged || error instanceof LostBlobError ? error.message : null;
}

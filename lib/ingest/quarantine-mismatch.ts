import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { log } from '../log.ts';
import { blobStore } from '../storage/index.ts';
import { lockBlob } from './add-file.ts';
import { recordFailure } from './stage-failure.ts';
import { changeFileState, hasNoVerdict, lockFile } from './states.ts';

/**
 * Takes bytes out of the store that have another SHA-256 than they were stored as, so that nobody can download them by
 * any way, and says so in the file's findings and the audit log. An upload of the right bytes fills the gap.
 */
export async function quarantineMismatch(fileId: number, sha256: string, found: string): Promise<void> {
  log('ingest').error(
    { fileId, sha256, found },
    'Stored bytes do not match their SHA-256. They were moved out of the store.',
  );
  await db().$transaction(async (tx) => {
    await lockBlob(tx, sha256);
    await audit(tx, {
      actor: 'system',
      action: 'file.mismatch',
      subject: 'file',
      subjectId: fileId,
      before: { sha256 },
      after: { sha256: found },
    });
    const cause =
      'The stored bytes do not match their SHA-256, so they were moved out of the store and cannot be downloaded. Upload the file again.';
    // A verdict can be of other bytes than those that are served.
    if (!hasNoVerdict((await lockFile(tx, fileId)).state)) await changeFileState(tx, fileId, { state: 'scanning' });
    await recordFailure(tx, fileId, cause, true);
    if (await blobStore().has(sha256)) await blobStore().quarantine(sha256);
  });
}

import { join } from 'node:path';
import { db } from '../db/index.ts';
import { blobStore } from '../storage/index.ts';
import { provenanceOf } from './converted-file.ts';
import { SandboxError } from './sandbox.ts';
import { explainLost, findStageFile } from './stage-file.ts';
import { runStage, type StageSubject, scratchOf } from './stage-run.ts';
import { lockFile } from './states.ts';
import { storeVerified } from './store-verified.ts';

/** Containers that hold a pickle, by what the scan calls them. */
const PICKLES = ['torch-zip', 'torch-legacy', 'torch-tar', 'pickle'];

/**
 * Converts the pickles among the parts of a model, each by itself, so that the model can be downloaded without them. One
 * that cannot be converted stays what it is. Goes on where it was. Throws where a stage was cut short.
 */
export async function convertParts(subject: StageSubject): Promise<void> {
  const { fileId } = subject;
  const parts = await db().modelPart.findMany({
    where: { fileId, state: 'clean', convertedSha256: null, container: { in: PICKLES } },
    orderBy: { path: 'asc' },
  });
  for (const { id, sha256 } of parts) {
    const known = await db().modelPart.findFirst({ where: { sha256, convertedSha256: { not: null } } });
    if (known !== null)
      await db().modelPart.update({ where: { id }, data: { convertedSha256: known.convertedSha256 } });
    else await convertPart(subject, id, sha256);
  }
}

async function convertPart(subject: StageSubject, id: number, sha256: string): Promise<void> {
  const { path, input } = await findStageFile(sha256);
  const target = join(scratchOf(subject.fileId), 'part.safetensors');
  try {
    const metadata = provenanceOf(sha256);
    const { tags } = await runStage(subject, { stage: 'convert', path, target, metadata }, [path], [input]);
    const file = await blobStore().receive(target);
    await storeVerified(
      file,
      () =>
        runStage(
          subject,
          { stage: 'verify', path, target: file.path, tags },
          [path, file.path],
          [input, { path: file.path }],
        ),
      {
        before: (tx) => lockFile(tx, subject.fileId),
        enter: (tx, convertedSha256) => tx.modelPart.updateMany({ where: { id }, data: { convertedSha256 } }),
      },
    );
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== 'refused' || explainLost(error) !== null) throw error;
  }
}

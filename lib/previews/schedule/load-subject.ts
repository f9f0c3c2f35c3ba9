import { withoutModelEnding } from '#scanner/model-files.ts';
import { listTriggerWords } from '../../catalog/index.ts';
import { db } from '../../db/index.ts';
import { IDENTITY, readMetadata, TENSORS } from '../../ingest/index.ts';
import type { PreviewSubject } from '../plan/index.ts';

export interface LoadedSubject {
  subject: PreviewSubject;
  /** Of the safetensors. */
  sha256: string;
  tensors: { name: string; shape: number[] }[] | null;
}

/**
 * What is known of the newest file of a model that was converted and read back; null where there is none. Type and base
 * are the model's, where a person may have corrected them.
 */
export async function loadSubject(modelId: number): Promise<LoadedSubject | null> {
  const file = await db().modelFile.findFirst({
    where: { version: { modelId }, madeFromId: null, conversion: 'converted', convertedSha256: { not: null } },
    orderBy: { id: 'desc' },
    include: { version: { select: { model: { select: { type: true, base: true } } } } },
  });
  if (file === null || file.convertedSha256 === null) return null;
  const identity = IDENTITY.tryRead(file.identity);
  const triggers = await listTriggerWords(file.id, readMetadata(file.metadata));
  const { type, base } = file.version.model;
  return {
    sha256: file.convertedSha256,
    tensors: TENSORS.tryRead(file.tensors),
    subject: {
      name: withoutModelEnding(file.filename),
      type,
      base,
      variant: identity?.variant ?? null,
      family: identity?.family ?? null,
      algorithm: identity?.algorithm ?? null,
      prediction: identity?.prediction ?? 'unknown',
      absent: identity?.absent ?? [],
      precision: identity?.precision ?? [],
      triggers: triggers.map(({ text, source }) => ({ text, isStated: source === 'stated' })),
    },
  };
}

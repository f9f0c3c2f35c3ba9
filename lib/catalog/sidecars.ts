import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { requireVisible } from './visibility.ts';

export interface SidecarContent {
  filename: string;
  mediaType: string;
  content: Uint8Array;
}

/** What stands in a file that was uploaded next to a model. Throws AppError `not_found`. */
export async function readSidecar(actor: Actor | null, id: number): Promise<SidecarContent> {
  const sidecar = await db().sidecar.findUnique({
    where: { id },
    include: { file: { include: { version: { include: { model: true } } } } },
  });
  requireVisible(actor, sidecar?.file?.version.model, 'file');
  const { filename, mediaType, content } = sidecar as NonNullable<typeof sidecar>;
  return { filename, mediaType, content };
}

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  checkSidecar,
  MAX_NOTES,
  MAX_SIDECAR_BYTES,
  modelStem,
  readSidecarName,
  type SidecarNote,
} from '#scanner/sidecars/index.ts';

/** The texts next to a model file on the disk, in the order of their names. What cannot be read is no note. */
export async function findNotes(path: string): Promise<SidecarNote[]> {
  const stem = modelStem(basename(path));
  const names = await readdir(dirname(path)).catch(() => []);
  const notes: SidecarNote[] = [];
  for (const filename of names.toSorted()) {
    const sidecar = readSidecarName(filename);
    if (sidecar === null || sidecar.kind === 'preview' || sidecar.stem !== stem || notes.length === MAX_NOTES) continue;
    const content = await readSmall(join(dirname(path), filename)).catch(() => null);
    if (content === null || checkSidecar(sidecar.kind, content) === null) continue;
    notes.push({ filename, text: content.toString('utf8') });
  }
  return notes;
}

async function readSmall(path: string): Promise<Buffer | null> {
  const found = await stat(path);
  return found.isFile() && found.size <= MAX_SIDECAR_BYTES ? await readFile(path) : null;
}

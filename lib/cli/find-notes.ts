import { readdirSync, readFileSync, statSync } from 'node:fs';
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
export function findNotes(path: string): SidecarNote[] {
  const stem = modelStem(basename(path));
  const notes: SidecarNote[] = [];
  for (const filename of namesIn(dirname(path)).toSorted()) {
    const sidecar = readSidecarName(filename);
    if (sidecar === null || sidecar.kind === 'preview' || sidecar.stem !== stem || notes.length === MAX_NOTES) continue;
    const content = readSmall(join(dirname(path), filename));
    if (content === null || checkSidecar(sidecar.kind, content) === null) continue;
    notes.push({ filename, text: content.toString('utf8') });
  }
  return notes;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readSmall(path: string): Buffer | null {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= MAX_SIDECAR_BYTES ? readFileSync(path) : null;
  } catch {
    return null;
  }
}

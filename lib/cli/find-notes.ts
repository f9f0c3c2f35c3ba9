import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CONFIG, parseWeightsName } from '#scanner/multi-file/client.ts';
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
  const config = isNamedForClass(basename(path)) ? readSmall(join(dirname(path), CONFIG)) : null;
  if (config !== null && notes.length < MAX_NOTES && checkSidecar('settings', config) !== null)
    notes.push({ filename: CONFIG, text: config.toString('utf8') });
  return notes;
}

/** Only those programs give weights such names; what else lies beside a `config.json` may be anything. */
function isNamedForClass(filename: string): boolean {
  return parseWeightsName(filename) !== null;
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

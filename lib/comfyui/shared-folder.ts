import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { formatBytes } from '../format-bytes.ts';
import { RenderError } from '../render/index.ts';
import { OUR_FOLDER, placedName } from './file-name.ts';
import { isLeased, leaseFile } from './leases.ts';
import { isAsPlaced, markerOf, placeFile, readMarker } from './place-file.ts';
import { type ComfyFile, MODEL_FOLDERS, type ModelFolder, type SharedFolderOptions } from './types.ts';

export interface PlacedModel {
  /** Relative to its folder, with slashes. */
  name: string;
  /** Lets it be removed when room is needed. */
  release(): Promise<void>;
}

interface PlacedFile {
  path: string;
  size: number;
  /** Milliseconds. */
  lastUse: number;
}

/**
 * Puts a model where ComfyUI looks for models of its kind, under `weighhouse/`, and keeps what Weighhouse has there
 * below the folder's limit: the oldest that nobody uses are removed first, and nothing that it did not put there.
 * Throws RenderError with a sentence where there is no room or no access.
 */
export async function placeModel(
  folder: SharedFolderOptions,
  kind: ModelFolder,
  file: Pick<ComfyFile, 'path' | 'sha256' | 'isChangeable'> & { name: string },
): Promise<PlacedModel> {
  if (!(await stat(folder.path).catch(() => null))?.isDirectory())
    throw new RenderError('bad_request', `The shared ComfyUI folder ${folder.path} does not exist.`);
  const name = placedName(file);
  const target = join(folder.path, kind, OUR_FOLDER, name);
  try {
    const { size } = await stat(file.path);
    const isThere = (await stat(target).catch(() => null)) !== null;
    if (!isThere) await evictModels(folder, size);
    if ((await placeFile(file, target)) === 'there') await checkSameSize(target, size);
    const lease = await leaseFile(target);
    // Another process may have made room with it before it was leased.
    await placeFile(file, target);
    return { name: `${OUR_FOLDER}/${name}`, release: lease.release };
  } catch (error) {
    if (error instanceof RenderError) throw error;
    throw new RenderError('bad_request', describe(error, folder), { cause: error });
  }
}

async function evictModels(folder: SharedFolderOptions, size: number): Promise<void> {
  const { maxBytes } = folder;
  if (size > maxBytes)
    throw new RenderError(
      'bad_request',
      `The model is ${formatBytes(size)}, but the limit for the shared ComfyUI folder is ${formatBytes(maxBytes)}. Increase WEIGHHOUSE_CACHE_GB.`,
    );
  const placed = (await listPlacedFiles(folder.path)).sort((a, b) => a.lastUse - b.lastUse);
  let total = placed.reduce((sum, one) => sum + one.size, 0);
  for (const one of placed) {
    if (total + size <= maxBytes) return;
    if (await isLeased(one.path)) continue;
    await rm(one.path, { force: true });
    await rm(markerOf(one.path), { force: true });
    total -= one.size;
  }
  if (total + size > maxBytes)
    throw new RenderError(
      'bad_request',
      `No room for ${formatBytes(size)} more in the shared ComfyUI folder: ${formatBytes(total)} of ${formatBytes(maxBytes)} are in use. Increase WEIGHHOUSE_CACHE_GB.`,
    );
}

/** Files that Weighhouse put there and nobody changed since. */
async function listPlacedFiles(root: string): Promise<PlacedFile[]> {
  const placed: PlacedFile[] = [];
  for (const kind of MODEL_FOLDERS) {
    const folder = join(root, kind, OUR_FOLDER);
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const marker = await readMarker(path);
      if (!marker || !(await isAsPlaced(path, marker))) continue;
      const { mtimeMs } = await stat(markerOf(path));
      placed.push({ path, size: marker.size, lastUse: mtimeMs });
    }
  }
  return placed;
}

async function checkSameSize(target: string, size: number): Promise<void> {
  if ((await stat(target)).size === size) return;
  throw new RenderError('bad_request', `A different file already exists at ${target}. Move it to another folder.`);
}

function describe(error: unknown, folder: SharedFolderOptions): string {
  if (isSystemError(error, 'ENOSPC')) return `The disk with the shared ComfyUI folder ${folder.path} is full.`;
  if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS'))
    return `Weighhouse has no permission to write to the shared ComfyUI folder ${folder.path}. Give its user write permission.`;
  return `The model cannot be copied to the shared ComfyUI folder ${folder.path}: ${error instanceof Error ? error.message : error}.`;
}

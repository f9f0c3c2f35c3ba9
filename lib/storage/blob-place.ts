import { stat } from 'node:fs/promises';
import { isSystemError } from '#scanner/errors.ts';
import { type FileStamp, isSameStamp, stampOf } from '#scanner/file-stamp.ts';
import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { blobStore } from './blob-store.ts';

/** Where the bytes of a blob lie: in the store, or in a file of a person's own that was imported in place. */
export interface BlobPlace {
  sha256: string;
  path: string;
  /** Bytes. */
  size: number;
  /** When the bytes, or what the system knows of their file, last changed. */
  changedAt: Date;
  /** Of a file outside of the store: what must hold of it whenever it is read. Null in the store, which nobody else changes. */
  stamp: FileStamp | null;
}

/** What became of a file that was imported in place. */
export type PlaceState = 'held' | 'changed' | 'vanished';

/** The bytes of a blob that was imported in place are not to be had: its file has changed (409) or is away (410). */
export class LostBlobError extends AppError {
  constructor(state: Exclude<PlaceState, 'held'>) {
    const { code, message } = LOST[state];
    super(code, message);
    this.name = 'LostBlobError';
  }
}

const LOST = {
  changed: {
    code: 'conflict',
    message:
      'The file was changed on the disk after it was imported in place. Ask an administrator to search its folder for changes.',
  },
  vanished: {
    code: 'gone',
    message:
      'The file is no longer where it was imported in place: it was moved, deleted, or its disk is not connected. It is available again when it is back.',
  },
} as const;

/** Where the bytes of this SHA-256 can be read now. Throws LostBlobError, and AppError `unavailable` where the store has lost them. */
export async function requireBlob(sha256: string): Promise<BlobPlace> {
  const { place, lost } = await lookUp(sha256);
  if (place !== null) return place;
  if (lost !== null) throw new LostBlobError(lost.state);
  throw new AppError('unavailable', 'The file is missing from the store. Contact the administrator.');
}

/** Of bytes outside of the store, where they are or were, and what became of them; null where the store has them. */
export async function describePlace(sha256: string): Promise<{ path: string; state: PlaceState } | null> {
  const { place, lost } = await lookUp(sha256);
  if (place === null) return lost;
  return place.stamp === null ? null : { path: place.path, state: 'held' };
}

/** A file in place, with what must hold of it. */
export interface NewPlace {
  /** Absolute, without symbolic links. */
  path: string;
  stamp: FileStamp;
}

/** Keeps where bytes lie that were imported in place, whose blobs are rows already. */
export async function enterPlaces(tx: Tx, places: readonly (NewPlace & { sha256: string })[]): Promise<void> {
  if (places.length === 0) return;
  const rows = places.map(({ sha256, path, stamp }) => ({ sha256, path, ...textsOf(stamp) }));
  await tx.$executeRaw`
    INSERT INTO blob_place (sha256, path, size, "mtimeNs", "ctimeNs", inode, device)
    SELECT DISTINCT ON (sha256, path) sha256, path, size, "mtimeNs", "ctimeNs", inode, device
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(sha256 text, path text, size bigint, "mtimeNs" bigint, "ctimeNs" bigint, inode bigint, device bigint)
     ORDER BY sha256, path
    ON CONFLICT (sha256, path) DO UPDATE SET size = excluded.size, "mtimeNs" = excluded."mtimeNs",
      "ctimeNs" = excluded."ctimeNs", inode = excluded.inode, device = excluded.device`;
}

/**
 * Takes the new number of a device: systems give them anew when they start, and all else of a file is as it was. The places
 * of files that have these stamps but for it.
 */
export async function renumberPlaces(tx: Tx, stamps: readonly FileStamp[]): Promise<void> {
  if (stamps.length === 0) return;
  await tx.$executeRaw`
    UPDATE blob_place p SET device = r.device
      FROM jsonb_to_recordset(${JSON.stringify(stamps.map(textsOf))}::jsonb)
        AS r(size bigint, "mtimeNs" bigint, "ctimeNs" bigint, inode bigint, device bigint)
     WHERE p.inode = r.inode AND p.size = r.size AND p."mtimeNs" = r."mtimeNs" AND p."ctimeNs" = r."ctimeNs"`;
}

/** JSON has no numbers that large. */
function textsOf({ size, mtimeNs, ctimeNs, inode, device }: FileStamp) {
  return {
    size: String(size),
    mtimeNs: String(mtimeNs),
    ctimeNs: String(ctimeNs),
    inode: String(inode),
    device: String(device),
  };
}

interface Found {
  place: BlobPlace | null;
  lost: { path: string; state: Exclude<PlaceState, 'held'> } | null;
}

async function lookUp(sha256: string): Promise<Found> {
  const path = blobStore().pathOf(sha256);
  const stored = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  });
  if (stored !== null) {
    const { size, ctime: changedAt } = stored;
    return { place: { sha256, path, size, changedAt, stamp: null }, lost: null };
  }
  // A worker of another machine has neither the files nor a use for them.
  if (config().remoteStore !== null) return { place: null, lost: null };
  // Most of what sends bytes finds all of them in the store.
  const { listPlaces } = await import('./list-places.ts');
  let lost: Found['lost'] = null;
  for (const known of await listPlaces(sha256)) {
    // Also of a drive that is away, and of a folder that was closed.
    const now = await stat(known.path, { bigint: true }).catch((error: unknown) => {
      if (isSystemError(error)) return null;
      throw error;
    });
    if (now !== null && isSameStamp(stampOf(now), known)) {
      const { path: where, size, mtimeNs, ctimeNs, inode, device } = known;
      const stamp = { size, mtimeNs, ctimeNs, inode, device };
      return { place: { sha256, path: where, size: Number(size), changedAt: now.ctime, stamp }, lost: null };
    }
    if (now !== null) lost = { path: known.path, state: 'changed' };
    lost ??= { path: known.path, state: 'vanished' };
  }
  return { place: null, lost };
}

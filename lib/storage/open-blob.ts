import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isSameStamp, stampOf } from '#scanner/file-stamp.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { type BlobPlace, LostBlobError } from './blob-place.ts';

const PIECE_BYTES = 256 * 1024;
/** Neither through a link that stands in place of the file, nor waiting for a pipe. */
const OUTSIDE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface OpenBlob extends AsyncDisposable {
  file: FileHandle;
  /**
   * Throws LostBlobError unless what is open is still what was imported. What was read before is only then what the SHA-256
   * says. Asks nobody for a file of the store.
   */
  check(): Promise<void>;
}

/** Opens the bytes of a blob where they lie. Throws AppError. */
export async function openBlob({ path, size, stamp }: Pick<BlobPlace, 'path' | 'size' | 'stamp'>): Promise<OpenBlob> {
  const file = await open(path, stamp === null ? 'r' : OUTSIDE).catch((error: unknown) => {
    log('storage').error({ path, error: String(error) }, 'The file of a blob cannot be opened.');
    if (stamp !== null) throw new LostBlobError('vanished');
    throw new AppError('unavailable', 'The file cannot be read. Contact the administrator.');
  });
  try {
    const check = async () => {
      if (stamp === null) return;
      if (!isSameStamp(stampOf(await file.stat({ bigint: true })), stamp)) throw new LostBlobError('changed');
    };
    await check();
    const { size: found } = await file.stat();
    if (found !== size) {
      log('storage').error({ path, size, found }, 'The file of a blob has another size than its record.');
      throw new AppError('unavailable', 'The file is damaged. Contact the administrator.');
    }
    return { file, check, [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The bytes `[start, end]` of a blob where they lie. Each piece is checked before it is given away, so that a file which was
 * changed meanwhile never comes to its end. Throws AppError.
 */
export async function* readBlob(
  place: Pick<BlobPlace, 'path' | 'size' | 'stamp'>,
  { start, end } = { start: 0, end: place.size - 1 },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await using blob = await openBlob(place);
  for (let position = start; position <= end; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - position + 1));
    const { bytesRead } = await blob.file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) throw new Error('The file ended before its size.');
    await blob.check();
    position += bytesRead;
    yield new Uint8Array(piece.buffer, piece.byteOffset, bytesRead);
  }
  await blob.check();
}

import { crc32 as portable } from 'node:zlib';
import { mayLoadAddons } from './addons.ts';

/** The CRC-32 of some bytes, going on from that of the bytes before them. */
export type UpdateCrc32 = (bytes: Uint8Array, previous: number) => number;

/** A native addon where one may be loaded, for it is about six times as fast; Node's own elsewhere. */
export async function loadCrc32({ native = mayLoadAddons() } = {}): Promise<UpdateCrc32> {
  if (native) {
    const addon = await import('@node-rs/crc32').catch(() => null);
    if (addon !== null)
      return (bytes, previous) => addon.crc32(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), previous);
  }
  return portable;
}

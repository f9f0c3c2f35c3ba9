import { findPickleEnd } from '../pickle/index.ts';
import type { ContainerKind } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedContainer } from './errors.ts';
import { findForeignFormat } from './foreign-formats.ts';
import { looksLikeSafetensors } from './safetensors.ts';
import { findTarStart } from './tar.ts';
import { isTarHeader, TAR_BLOCK } from './tar-header.ts';
import { packingOf } from './unpack.ts';
import { readZip } from './zip.ts';

/** `torch.save` before 1.6 starts with this pickled magic number (PyTorch `torch/serialization.py`, `MAGIC_NUMBER`). */
const TORCH_LEGACY_MAGIC = Uint8Array.of(0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19);

const HDF5 = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Bytes at the beginning that name a container by themselves. */
const MAGICS: readonly { bytes: readonly number[]; kind: ContainerKind }[] = [
  { bytes: [0x50, 0x4b, 0x03, 0x04], kind: 'zip' },
  { bytes: [0x50, 0x4b, 0x05, 0x06], kind: 'zip' },
  { bytes: [0x47, 0x47, 0x55, 0x46], kind: 'gguf' },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], kind: 'numpy' },
  { bytes: [...HDF5], kind: 'keras' },
];

/** Where a tar archive since POSIX names itself; its checksum is what programs go by. */
const USTAR_AT = 257;
const USTAR = Buffer.from('ustar', 'latin1');

/** As much of the head as a protocol-0 pickle is looked for in. */
const HEAD_BYTES = 64 * 1024;

/** What the file is by its bytes alone; a name or extension is never asked. */
export function sniffContainer(source: ByteSource): ContainerKind {
  const head = source.read(0, HEAD_BYTES);
  const magic = MAGICS.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (magic?.kind === 'zip') return isTorchZip(source) ? 'torch-zip' : 'zip';
  if (magic !== undefined) return magic.kind;
  const isTar = isTarHeader(head.subarray(0, TAR_BLOCK));
  const isNamedTar = USTAR.equals(head.subarray(USTAR_AT, USTAR_AT + USTAR.length));
  if (isTar && isNamedTar) return 'torch-tar';
  const packing = packingOf(head);
  if (packing !== null && packing !== 'zlib' && packing !== 'lzma') return 'compressed';

  if (looksLikeSafetensors(source)) return 'safetensors';
  if (head[0] === 0x80 && (head[1] ?? 0xff) <= 5) {
    return TORCH_LEGACY_MAGIC.every((byte, index) => head[2 + index] === byte) ? 'torch-legacy' : 'pickle';
  }
  if (isTar) return 'torch-tar';
  // Protocols 0 and 1 have no mark of their own: a pickle is what reads as one to its STOP.
  if (head.length > 1 && findPickleEnd(head) !== null) return 'pickle';
  if (hasZipEnd(source)) return isTorchZip(source) ? 'torch-zip' : 'zip';
  const foreign = findForeignFormat(source);
  if (foreign !== null) return foreign;
  if (hasHdf5Signature(source)) return 'keras';
  if (isNamedTar || findTarStart(source) !== null) return 'torch-tar';
  return packing === null ? 'unknown' : 'compressed';
}

/**
 * True where HDF5 finds its signature: at the first byte, or behind a block of the user's own, at 512 bytes, or twice as
 * many, and so on (HDF5 file format specification, section II.A).
 */
export function hasHdf5Signature(source: ByteSource): boolean {
  for (let at = 0; at + HDF5.length <= source.size; at = Math.max(512, at * 2))
    if (Buffer.from(source.read(at, HDF5.length)).equals(HDF5)) return true;
  return false;
}

/** An archive behind other bytes is still one: its directory stands at its end. */
export function hasZipEnd(source: ByteSource): boolean {
  const tailStart = Math.max(0, source.size - MAX_ZIP_TAIL);
  return Buffer.from(source.read(tailStart, MAX_ZIP_TAIL)).lastIndexOf(ZIP_END) >= 0;
}

const ZIP_END = Buffer.from('PK\x05\x06', 'latin1');
/** The end record and the longest comment that may follow it. */
const MAX_ZIP_TAIL = 22 + 0xffff;

/** `torch.save` since 1.6 puts its pickle at `<root>/data.pkl`. An archive that cannot be read is a zip and no more. */
function isTorchZip(source: ByteSource): boolean {
  try {
    return readZip(source).entries.some(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  } catch (error) {
    if (error instanceof MalformedContainer) return false;
    throw error;
  }
}

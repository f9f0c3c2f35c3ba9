import { findPickleEnd } from '../pickle/index.ts';
import type { ContainerKind } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedContainer } from './errors.ts';
import { findForeignFormat } from './foreign-formats.ts';
import { packingOf } from './unpack.ts';
import { readZip } from './zip.ts';

/** `torch.save` before 1.6 starts with this pickled magic number (PyTorch `torch/serialization.py`, `MAGIC_NUMBER`). */
const TORCH_LEGACY_MAGIC = Uint8Array.of(0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19);

/** Bytes at an offset that name a container by themselves. */
const MAGICS: readonly { at: number; bytes: readonly number[]; kind: ContainerKind }[] = [
  { at: 0, bytes: [0x50, 0x4b, 0x03, 0x04], kind: 'zip' },
  { at: 0, bytes: [0x50, 0x4b, 0x05, 0x06], kind: 'zip' },
  { at: 0, bytes: [0x47, 0x47, 0x55, 0x46], kind: 'gguf' },
  { at: 0, bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], kind: 'numpy' },
  { at: 0, bytes: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], kind: 'keras' },
  { at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72], kind: 'torch-tar' },
];

/** As much of the head as a protocol-0 pickle is looked for in. */
const HEAD_BYTES = 64 * 1024;

/** What the file is by its bytes alone; a name or extension is never asked. */
export function sniffContainer(source: ByteSource): ContainerKind {
  const head = source.read(0, HEAD_BYTES);
  const magic = MAGICS.find(({ at, bytes }) => bytes.every((byte, index) => head[at + index] === byte));
  if (magic?.kind === 'zip') return isTorchZip(source) ? 'torch-zip' : 'zip';
  if (magic !== undefined) return magic.kind;
  const packing = packingOf(head);
  if (packing !== null && packing !== 'zlib' && packing !== 'lzma') return 'compressed';

  if (looksLikeSafetensors(head, source.size)) return 'safetensors';
  if (head[0] === 0x80 && (head[1] ?? 0xff) <= 5) {
    return TORCH_LEGACY_MAGIC.every((byte, index) => head[2 + index] === byte) ? 'torch-legacy' : 'pickle';
  }
  // Protocols 0 and 1 have no mark of their own: a pickle is what reads as one to its STOP.
  if (head.length > 1 && findPickleEnd(head) !== null) return 'pickle';
  if (hasZipEnd(source)) return isTorchZip(source) ? 'torch-zip' : 'zip';
  return findForeignFormat(source) ?? (packing === null ? 'unknown' : 'compressed');
}

/** Eight bytes of header length (u64, little-endian) and a `{`. */
function looksLikeSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length > 0n && length + 8n <= BigInt(size);
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

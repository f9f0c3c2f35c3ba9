export { ContainerLimit, MalformedContainer, MalformedSafetensors } from './errors.ts';
export { type GgufFile, type GgufTensor, ggufVersion, isGgufVersion, looksLikeGguf, readGguf } from './gguf.ts';
export { type Block, GGUF_BLOCKS, GGUF_TYPES, type GgufBlockType, type GgufType } from './gguf-types.ts';
export { type NumpyArray, readNumpyHeader } from './numpy.ts';
export {
  looksLikeSafetensors,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors.ts';
export type { UnpackFailure } from './seven-zip.ts';
export { hasHdf5Signature, hasZipEnd, sniffContainer } from './sniff.ts';
export { findTarStart, listTar, readTar, type TarListing, type TarMember } from './tar.ts';
export { type ElementBytesOf, readTorchLegacy, type TorchLegacy } from './torch-legacy.ts';
export {
  inflatePartially,
  isOneStream,
  type Packing,
  packingOf,
  type Unpacked,
  unpackMembers,
  unpackStream,
} from './unpack.ts';
export { hasZipDirectory, readZip, type ZipArchive } from './zip.ts';
export { auditZip, checkStoredChecksum, type MemberView, viewMember, type ZipAudit, type ZipGap } from './zip-audit.ts';
export type { ZipEntry } from './zip-entry.ts';
export type { ZipNote } from './zip-notes.ts';

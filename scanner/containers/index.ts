export { describeAppearance, isForeignArchive } from './appearance.ts';
export { ContainerLimit, MalformedContainer, MalformedSafetensors } from './errors.ts';
export { type NumpyArray, readNumpyHeader } from './numpy.ts';
export {
  MAX_HEADER_BYTES,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors.ts';
export type { UnpackTrouble } from './seven-zip.ts';
export { hasZipEnd, sniffContainer } from './sniff.ts';
export { readTar, type TarMember } from './tar.ts';
export { type ElementBytesOf, readTorchLegacy, type TorchLegacy } from './torch-legacy.ts';
export { inflateAsFarAsItGoes, type Packing, packingOf, type Unpacked, unpackMembers, unpackStream } from './unpack.ts';
export { readZip, type ZipArchive } from './zip.ts';
export { auditZip, checkStoredChecksum, type MemberView, viewMember, type ZipAudit, type ZipGap } from './zip-audit.ts';
export type { ZipEntry } from './zip-entry.ts';

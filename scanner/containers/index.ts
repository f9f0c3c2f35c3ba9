export { MalformedContainer, MalformedSafetensors } from './errors.ts';
export {
  MAX_HEADER_BYTES,
  readSafetensorsHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors.ts';
export { sniffContainer } from './sniff.ts';
export { type ElementBytesOf, readTorchLegacy, type TorchLegacy } from './torch-legacy.ts';
export { MAX_ENTRIES, readZip, type ZipArchive, type ZipEntry } from './zip.ts';

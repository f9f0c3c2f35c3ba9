import { identifyFile as identify, type SidecarStatements } from '#scanner/identify/index.ts';
import { scan } from '#scanner/scan.ts';
import { type FileSource, openFileSource } from '#scanner/source.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import type { StageResults, StageTask } from './stages.ts';

export type ScanTask = Extract<StageTask, { stage: 'scan'; path: string }>;
export type IdentifyTask = Extract<StageTask, { stage: 'identify'; path: string }>;

/** What is scanned and then identified is one source, so that what was read of it need not be read again. */
const sources = new Map<string, FileSource>();

function sourceOf(path: string): FileSource {
  const source = sources.get(path) ?? openFileSource(path);
  sources.set(path, source);
  return source;
}

/** The verdict on one file. Throws FileError where it cannot be read. */
export function scanFile(
  { path, name, limits }: ScanTask,
  { onProgress, source = sourceOf(path) }: { onProgress?: (progress: number) => void; source?: FileSource } = {},
): StageResults['scan'] {
  return scan(source, { name, ...(limits && { limits }), ...(onProgress && { onProgress }) });
}

/** What one file is, with the table it rests on. `sidecars` is what its companion files say. Throws FileError. */
export function identifyFile(
  { path, name, sha256 }: IdentifyTask,
  sidecars: SidecarStatements,
  source: FileSource = sourceOf(path),
): StageResults['identify'] {
  const table = readTensorTable(source);
  return {
    identity: identify(source, { filename: name, sha256, sidecars }, table),
    tensors: table.tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    nonTensors: table.nonTensors,
    refused: table.refused,
    metadata: Object.fromEntries(table.metadata),
  };
}

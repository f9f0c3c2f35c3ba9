import { join } from 'node:path';
import { type MergeReport, mergeModels } from '#scanner/merge/index.ts';
import { type NumberFile, readNumbers, writeNumbers } from '../fixtures/merge-files.ts';

export interface BakeTask {
  /** Where the three files are written. */
  folder: string;
  checkpoint: NumberFile;
  adapter: NumberFile;
  /** Of the adapter. */
  metadata?: Record<string, string> | undefined;
  weight: number;
}

/** Bakes one LoRA into one checkpoint, both written from numbers, and reads back what came of it. */
export async function bakeLora({
  folder,
  checkpoint,
  adapter,
  metadata,
  weight,
}: BakeTask): Promise<{ report: MergeReport; written: ReturnType<typeof readNumbers> }> {
  const a = writeNumbers(join(folder, 'a.safetensors'), checkpoint);
  const lora = writeNumbers(join(folder, 'lora.safetensors'), adapter, metadata);
  const target = join(folder, 'out.safetensors');
  const report = await mergeModels(
    {
      kind: 'bake-loras',
      a: { path: a, name: 'a', sha256: 'a'.repeat(64) },
      loras: [{ path: lora, name: 'lora', sha256: 'b'.repeat(64), weight }],
    },
    target,
    { name: 'out' },
  );
  return { report, written: readNumbers(target) };
}

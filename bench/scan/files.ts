import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, type ContainerKind, scan } from '#scanner/index.ts';
import { corpusFiles } from '#test/fixtures/corpus.ts';
import { stateDict, tensor } from '#test/fixtures/pickles.ts';
import { makeZip } from '#test/fixtures/zip.ts';

/** The name that a file of this kind has where its row gives none: other scanners go by the name. */
const EXTENSIONS: Partial<Record<ContainerKind, string>> = {
  'torch-zip': 'pt',
  'torch-legacy': 'pt',
  'torch-tar': 'pt',
  safetensors: 'safetensors',
  zip: 'zip',
  numpy: 'npy',
  compressed: 'pkl',
};

/** Writes every file of the corpus into the folder. */
export function writeCorpus(folder: string): { id: string; path: string }[] {
  return corpusFiles().map(({ id, bytes, name }) => {
    const inner = join(folder, id.replace(/[^\w.-]/g, '_'));
    mkdirSync(inner, { recursive: true });
    const path = join(inner, name ?? `model.${EXTENSIONS[scan(bytesSource(bytes)).container] ?? 'pkl'}`);
    writeFileSync(path, bytes);
    return { id, path };
  });
}

const SIZES = [1e3, 1e4, 1e5, 1e6, 4e6];

/** Writes harmless models of mixed kinds and of 1 kB to 4 MB. */
export function writeMixed(folder: string, count: number): { paths: string[]; bytes: number } {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    const elements = Math.max(4, (SIZES[index % SIZES.length] ?? 0) / 4);
    const [extension, content] = makeModel(index % 3, elements, 1 + ((index * 37) % 300));
    const path = join(folder, `model-${index}.${extension}`);
    writeFileSync(path, content);
    paths.push(path);
    bytes += content.length;
  }
  return { paths, bytes };
}

function makeModel(kind: number, elements: number, tensors: number): [extension: string, content: Uint8Array] {
  const numbers = Buffer.alloc(elements * 4, 1);
  if (kind === 0) {
    const header = Buffer.from(
      JSON.stringify({ a: { dtype: 'F32', shape: [elements], data_offsets: [0, elements * 4] } }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return ['safetensors', Buffer.concat([length, header, numbers])];
  }
  const names = Array.from({ length: tensors }, (_, index): [string, string] => [
    `model.layer.${index}.weight`,
    tensor({ elements, shape: [elements] }),
  ]);
  const pickle = Buffer.from(stateDict(...names), 'latin1');
  if (kind === 1) return ['pkl', pickle];
  return [
    'pt',
    makeZip([
      { name: 'archive/data.pkl', bytes: pickle },
      { name: 'archive/version', bytes: Buffer.from('3\n') },
      { name: 'archive/data/0', bytes: numbers },
    ]),
  ];
}

import { parse } from 'node:path';
import { crc32 } from 'node:zlib';
import { FileOutput } from './file-output.ts';
import { pickleContent, type TorchContent } from './state-dict.ts';
import { TensorData } from './tensor-data.ts';
import { ZipOutput } from './zip-output.ts';

export type TorchZipOptions = TorchContent & {
  /** Folder inside the archive; the file's name without its ending where left out, as torch has it. */
  root?: string;
  /** Of the random numbers. */
  seed?: number;
};

/** Writes what `torch.save` of PyTorch 2.1 and later writes, in constant memory. Runs synchronously. */
export function writeTorchZip(path: string, options: TorchZipOptions): void {
  const { root = parse(path).name, seed = 1 } = options;
  const { pickle, storages } = pickleContent(options, String);
  const data = new TensorData(seed);

  using file = new FileOutput(path);
  const zip = new ZipOutput(file);
  const add = (name: string, bytes: Uint8Array) => zip.add(`${root}/${name}`, bytes.length, [bytes]);

  add('data.pkl', pickle);
  add('byteorder', Buffer.from('little'));
  for (const { key, tensor } of storages) zip.addTensor(`${root}/data/${key}`, tensor, data);
  add('version', Buffer.from('3\n'));
  // PyTorch puts a hash of the names and one of the checksums here, twenty digits each, to tell equal files.
  add('.data/serialization_id', Buffer.from(nameContent(zip)));
  zip.finish();
}

function nameContent({ members }: ZipOutput): string {
  const names = crc32(members.map(({ name }) => name).join('\n'));
  const sums = crc32(members.map((member) => member.crc).join('\n'));
  return `${String(names).padStart(20, '0')}${String(sums).padStart(20, '0')}`;
}

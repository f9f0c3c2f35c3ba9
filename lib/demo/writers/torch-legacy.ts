import { FileOutput } from './file-output.ts';
import { writePickle, writePickledLong } from './pickle.ts';
import { dict, list } from './python-value.ts';
import { pickleContent, type TorchContent } from './state-dict.ts';
import { bytesOf, elementsOf, TensorData } from './tensor-data.ts';

const MAGIC = 0x1950_a86a_20f9_469c_fc6cn;
const PROTOCOL = 1001;
/** torch names a storage by its address; these look like one, and sort as text in the order of the tensors. */
const FIRST_ADDRESS = 94_209_438_543_232;
const STEP = 64;

export type TorchLegacyOptions = TorchContent & {
  /** Of the random numbers. */
  seed?: number;
};

/** Writes what `torch.save` wrote before PyTorch 1.6: five pickles, then count and bytes of every storage. */
export function writeTorchLegacy(path: string, options: TorchLegacyOptions): void {
  const { pickle, storages } = pickleContent(options, (index) => String(FIRST_ADDRESS + index * STEP), [null]);
  const data = new TensorData(options.seed ?? 1);

  using file = new FileOutput(path);
  file.write(writePickledLong(MAGIC));
  file.write(writePickle(PROTOCOL));
  file.write(
    writePickle(
      dict([
        ['protocol_version', PROTOCOL],
        ['little_endian', true],
        [
          'type_sizes',
          dict([
            ['short', 2],
            ['int', 4],
            ['long', 4],
          ]),
        ],
      ]),
    ),
  );
  file.write(pickle);
  file.write(writePickle(list(...storages.map(({ key }) => key))));
  for (const { tensor } of storages) {
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(elementsOf(tensor)));
    file.write(count);
    if (tensor.data === 'zeros') file.skipZeros(bytesOf(tensor));
    else for (const block of data.blocksOf(tensor)) file.write(block);
  }
}

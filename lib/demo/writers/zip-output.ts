import { crc32 } from 'node:zlib';
import { centralHeader, dataDescriptor, endRecords, localHeader, type StoredMember } from '#scanner/convert/index.ts';
import type { FileOutput } from './file-output.ts';
import { bytesOf, type TensorData, type TensorSpec } from './tensor-data.ts';

/** A zip archive as PyTorch's writer lays it out. */
export class ZipOutput {
  readonly members: StoredMember[] = [];
  readonly #file: FileOutput;

  constructor(file: FileOutput) {
    this.#file = file;
  }

  /** Adds a member of `size` bytes that come in blocks. `hollow` ones are all zero and are left as a hole in the file. */
  add(name: string, size: number, blocks: Iterable<Uint8Array>, hollow = false): void {
    const offset = this.#file.position;
    this.#file.write(localHeader(name, size, offset));
    let crc = 0;
    for (const block of blocks) {
      crc = crc32(block, crc);
      if (!hollow) this.#file.write(block);
    }
    if (hollow) this.#file.skipZeros(size);
    const member = { name, size, crc, offset };
    this.#file.write(dataDescriptor(member));
    this.members.push(member);
  }

  addTensor(name: string, tensor: TensorSpec, data: TensorData): void {
    this.add(name, bytesOf(tensor), data.blocksOf(tensor), tensor.data === 'zeros');
  }

  /** Writes the directory and its three end records. */
  finish(): void {
    const start = this.#file.position;
    for (const member of this.members) this.#file.write(centralHeader(member));
    this.#file.write(endRecords(this.members.length, start, this.#file.position - start));
  }
}

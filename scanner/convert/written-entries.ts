import safetensors, { type SafeTensorEntry } from 'safetensors';
import type { FileSource } from '../source.ts';
import { VerificationError } from './errors.ts';

/** Where one tensor stands in what was written. Bytes from the start of the file. */
export interface WrittenTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
  begin: number;
  end: number;
}

const MAX_HEADER_BYTES = 100_000_000;

/**
 * The header as the `safetensors` package reads it, in the order of the file. The package takes `__metadata__` for a
 * tensor, so that goes first.
 */
export function readEntries(written: FileSource): WrittenTensor[] {
  let entries: Map<string, SafeTensorEntry>;
  try {
    const length = Number(Buffer.from(written.read(0, 8)).readBigUInt64LE(0));
    if (length > MAX_HEADER_BYTES) throw new VerificationError('The written header is too long.');
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(written.read(8, length)));
    if (typeof header !== 'object' || header === null) throw new TypeError('not an object');
    Reflect.deleteProperty(header, '__metadata__');

    // Padded to the old length, so that the offsets the package works out are those of the file.
    const bytes = Buffer.alloc(8 + length, ' ');
    bytes.writeBigUInt64LE(BigInt(length), 0);
    bytes.write(JSON.stringify(header), 8, 'utf8');
    entries = new safetensors.SafeTensor(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)).metadata;
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    throw new VerificationError('The written header cannot be read back.');
  }
  return [...entries]
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => ({ name, dtype, shape, begin, end }),
    )
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
}

/** The tensors must follow one another from the header to the end of the file. */
export function checkCoverage(entries: readonly WrittenTensor[], size: number): void {
  let position = entries[0]?.begin ?? size;
  for (const { name, begin, end } of entries) {
    if (begin !== position || end < begin) {
      throw new VerificationError(`The tensor "${name}" does not start at the end of the previous tensor.`, name);
    }
    position = end;
  }
  if (position !== size)
    throw new VerificationError(`The tensors end at byte ${position}, but the file has ${size} bytes.`);
}

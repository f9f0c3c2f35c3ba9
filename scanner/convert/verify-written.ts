import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { plainBuffer, readForwards } from '../read-forwards.ts';
import { openFileSource } from '../source.ts';
import type { Dtype } from '../tensors/index.ts';
import { VerificationError } from './errors.ts';
import { checkCoverage, readEntries, type WrittenTensor } from './written-entries.ts';

/** One tensor as it was handed over to be written. Bytes from the start of the file. */
export interface IntendedTensor {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  begin: number;
  end: number;
  /** Of its bytes, taken before anything that writes had them. */
  sha256: string;
}

export interface WrittenOptions {
  /** Called with the share of bytes compared, 0 to 1. */
  onProgress?: ((fraction: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads the safetensors file at `path` back with a reader that is not ours (the `safetensors` package) and compares it with
 * what was to be written, for files whose numbers stand in no source: the header byte by byte, every tensor's name, type,
 * shape and place, and its bytes by their SHA-256. Resolves with the SHA-256 of the whole file. Throws VerificationError,
 * which names the tensor, at the first difference, and the signal's reason.
 */
export async function verifyWritten(
  path: string,
  { header, tensors }: { header: Uint8Array; tensors: readonly IntendedTensor[] },
  { onProgress, signal }: WrittenOptions = {},
): Promise<string> {
  let size: number;
  {
    using written = openFileSource(path);
    size = written.size;
    const entries = readEntries(written);
    checkCoverage(entries, size);
    checkEntries(entries, tensors);
    if (Buffer.compare(written.read(0, header.length), header) !== 0) {
      throw new VerificationError('The written header is not the expected header.');
    }
  }

  const whole = createHash('sha256');
  let own = createHash('sha256');
  const order = [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let index = 0;
  let position = 0;
  const endTensors = () => {
    for (let tensor = order[index]; tensor !== undefined && tensor.end <= position; tensor = order[index]) {
      if (own.digest('hex') !== tensor.sha256) {
        throw new VerificationError(
          `The tensor "${tensor.name}" in the file differs from the expected data.`,
          tensor.name,
        );
      }
      own = createHash('sha256');
      index += 1;
    }
  };
  await using file = await open(path, 'r');
  for await (const { position: start, bytes: chunk } of readForwards(file, plainBuffer(CHUNK_BYTES))) {
    signal?.throwIfAborted();
    whole.update(chunk);
    const chunkEnd = start + chunk.length;
    position = Math.max(start, Math.min(chunkEnd, header.length));
    while (position < chunkEnd) {
      const tensor = order[index];
      if (tensor === undefined) throw new VerificationError('The file has extra data after its last tensor.');
      const end = Math.min(chunkEnd, tensor.end);
      own.update(chunk.subarray(position - start, end - start));
      position = end;
      endTensors();
    }
    onProgress?.(position / size);
  }
  endTensors();
  const missing = order[index];
  if (missing !== undefined) throw new VerificationError(`The tensor "${missing.name}" is truncated.`, missing.name);
  return whole.digest('hex');
}

function checkEntries(entries: readonly WrittenTensor[], tensors: readonly IntendedTensor[]): void {
  const wanted = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name, dtype, shape, begin, end } of entries) {
    const tensor = wanted.get(name);
    if (tensor === undefined) throw new VerificationError(`The tensor "${name}" was not expected.`, name);
    wanted.delete(name);
    if (dtype !== tensor.dtype) {
      throw new VerificationError(`The tensor "${name}" is ${dtype} instead of ${tensor.dtype}.`, name);
    }
    if (shape.length !== tensor.shape.length || shape.some((size, axis) => size !== tensor.shape[axis])) {
      throw new VerificationError(`The tensor "${name}" has an unexpected shape.`, name);
    }
    if (begin !== tensor.begin || end !== tensor.end) {
      throw new VerificationError(`The tensor "${name}" is at an unexpected position.`, name);
    }
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new VerificationError(`The tensor "${missing}" was not written.`, missing);
}

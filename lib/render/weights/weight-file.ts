import { realpathSync } from 'node:fs';
import { MalformedSafetensors, readSafetensorsHeader } from '#scanner/containers/index.ts';
import { isSystemError } from '#scanner/errors.ts';
import { type FileSource, openFileSource } from '#scanner/source.ts';
import { RenderError } from '../types.ts';

/** Where a tensor's numbers stand in a safetensors file. */
export interface Weight {
  /** As in the file. */
  name: string;
  file: WeightFile;
  /** As safetensors writes it: `F16`, `BF16`… */
  dtype: string;
  shape: readonly number[];
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

/** The tensors of a safetensors file by name, without their numbers. */
export interface WeightFile {
  /** Absolute, without symbolic links. */
  path: string;
  tensors: ReadonlyMap<string, Weight>;
  metadata: ReadonlyMap<string, string>;
}

/** Reads the header of a safetensors file. Throws RenderError: `load_mismatch` where it is none, `bad_request` where it cannot be read. */
export function openWeightFile(path: string): WeightFile {
  using source = openSource(path);
  try {
    const { header, metadata, dataStart } = readSafetensorsHeader(source);
    const tensors = new Map<string, Weight>();
    const file: WeightFile = { path: realpathSync(path), tensors, metadata };
    for (const [name, { dtype, shape, begin, end }] of header) {
      tensors.set(name, { name, file, dtype, shape, offset: dataStart + begin, length: end - begin });
    }
    return file;
  } catch (error) {
    if (!(error instanceof MalformedSafetensors)) throw error;
    throw new RenderError('load_mismatch', `Only safetensors files can be used for rendering. ${error.message}`);
  }
}

function openSource(path: string): FileSource {
  try {
    return openFileSource(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const reason = error.code === 'ENOENT' ? 'file not found' : `system error ${error.code}`;
    throw new RenderError('bad_request', `${path} cannot be read: ${reason}.`, { cause: error });
  }
}

/** Rows `[first, first + count)` along the first dimension, as a weight of their own. */
export function rowsOf(weight: Weight, first: number, count: number): Weight {
  const [rows = 1, ...rest] = weight.shape;
  const rowBytes = weight.length / rows;
  return { ...weight, shape: [count, ...rest], offset: weight.offset + first * rowBytes, length: count * rowBytes };
}

/** The same numbers under another shape of as many. */
export function reshaped(weight: Weight, shape: readonly number[]): Weight {
  return { ...weight, shape };
}

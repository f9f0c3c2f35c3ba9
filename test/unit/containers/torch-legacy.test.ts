import { describe, expect, it } from 'vitest';
import { MalformedContainer, readTorchLegacy, sniffContainer } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/source.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const MAGIC = latin1('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.');
const PROTOCOL = latin1('\x80\x02M\xe9\x03.');
const system = (little: boolean) =>
  latin1(`\x80\x02}q\x00X\x0d\x00\x00\x00little_endianq\x01${little ? '\x88' : '\x89'}s.`);
const OBJECT = latin1('\x80\x02}.');
const KEYS = latin1('\x80\x02]q\x00(X\x02\x00\x00\x0010q\x01X\x01\x00\x00\x007q\x02e.');

function storage(...values: number[]): Buffer {
  const count = Buffer.alloc(8);
  count.writeBigInt64LE(BigInt(values.length));
  return Buffer.concat([count, Buffer.from(Float32Array.from(values).buffer)]);
}

const file = Buffer.concat([MAGIC, PROTOCOL, system(true), OBJECT, KEYS, storage(1, 2, 3), storage(4)]);
const read = (bytes: Uint8Array, elementBytes: number | null = 4) =>
  readTorchLegacy(bytesSource(bytes), () => () => elementBytes);

describe('a file of torch before 1.6', () => {
  it('is known by its content', () => {
    expect(sniffContainer(bytesSource(file))).toBe('torch-legacy');
  });

  it('has its storages in the order of the key list', () => {
    const { storages, littleEndian, pickles } = read(file);
    const floats = [...storages].map(([key, { start, elements }]) => [
      key,
      [...new Float32Array(file.buffer.slice(file.byteOffset + start, file.byteOffset + start + elements * 4))],
    ]);

    expect(floats).toEqual([
      ['10', [1, 2, 3]],
      ['7', [4]],
    ]);
    expect(littleEndian).toBe(true);
    expect(pickles).toHaveLength(5);
  });

  it('hands the object pickle, and only that, to the caller', () => {
    let seen: Uint8Array | null = null;
    readTorchLegacy(bytesSource(file), (pickle) => {
      seen = pickle;
      return () => 4;
    });
    expect(Buffer.from(seen ?? [])).toEqual(OBJECT);
  });

  it('says when its numbers are big-endian', () => {
    const bytes = Buffer.concat([MAGIC, PROTOCOL, system(false), OBJECT, KEYS, storage(1), storage(4)]);
    expect(read(bytes).littleEndian).toBe(false);
  });

  it('ends in a sentence wherever it is cut', () => {
    for (let length = MAGIC.length; length < file.length; length += 1) {
      expect(() => read(file.subarray(0, length))).toThrow(MalformedContainer);
    }
  });

  it('does not guess the width of a storage that no tensor names', () => {
    expect(() => read(file, null)).toThrow(/No tensor defines the data type/);
  });
});

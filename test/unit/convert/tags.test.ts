import { createCipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import {
  convertToSafetensors,
  type Selection,
  SourceTags,
  selectTensors,
  type TensorTags,
  verifyConversion,
} from '#scanner/convert/index.ts';
import { openTag } from '#scanner/convert/tensor-tags.ts';
import { hashFile, openHasher } from '#scanner/hashes/index.ts';
import { bytesSource, openFileSource } from '#scanner/source.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { makeTorchZip, pickle, type TensorRecord, tensor } from '../../fixtures/torch-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse tags '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'in.ckpt');
const target = join(folder, 'out.safetensors');

const MIB = 1024 * 1024;
const HALVES = 3 * MIB;
/** Larger than any piece that is read, tiny, empty, twins in one storage, views; and in the target in another order. */
const RECORDS: Record<string, TensorRecord> = {
  'z.large': { storageClass: 'HalfStorage', key: '0', elements: HALVES, shape: [HALVES] },
  'b.part': { storageClass: 'HalfStorage', key: '0', elements: HALVES, offset: 77, shape: [1001] },
  'c.twin': { storageClass: 'HalfStorage', key: '0', elements: HALVES, offset: 77, shape: [1001] },
  'a.last': { storageClass: 'FloatStorage', key: '1', elements: 70_001, shape: [70_001] },
  turned: { storageClass: 'FloatStorage', key: '1', elements: 70_001, shape: [30, 20], stride: [1, 30] },
  tiny: { storageClass: 'ByteStorage', key: '2', elements: 3, shape: [1], offset: 2 },
  empty: { storageClass: 'FloatStorage', key: '3', elements: 0, shape: [0, 4] },
};
const NAMES = Object.keys(RECORDS);
const TAGGED = NAMES.filter((name) => name !== 'turned');

function random(length: number): Buffer {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, length % 251), Buffer.alloc(16));
  return stream.update(Buffer.alloc(length));
}

function makeSource(options: { bigEndian?: boolean } = {}): Uint8Array {
  const object = pickle.dict(NAMES.map((name) => [pickle.text(name), tensor(RECORDS[name] as TensorRecord)]));
  // Halves and singles of random bits are NaN now and then, which casts keep.
  const storages = { 0: random(HALVES * 2), 1: random(70_001 * 4), 2: random(3), 3: Buffer.alloc(0) };
  return makeTorchZip(object, storages, options.bigEndian ? { byteorder: 'big' } : {});
}

async function convert(options: Selection = {}): Promise<TensorTags> {
  using source = openFileSource(path);
  const tags = new SourceTags(selectTensors(readTensorTable(source), options).tensors);
  await convertToSafetensors(source, target, { ...options, onSource: (piece) => tags.take(piece) });
  return tags.finish();
}

async function verify(tags?: TensorTags, options: Selection = {}) {
  using source = openFileSource(path);
  return await verifyConversion(source, target, { ...options, ...(tags && { tags }) });
}

/** Where each tensor stands in the target, in its order. */
function places(): { name: string; begin: number; end: number }[] {
  const { header, dataStart } = readSafetensorsHeader(bytesSource(readFileSync(target)));
  return [...header].map(([name, { begin, end }]) => ({ name, begin: dataStart + begin, end: dataStart + end }));
}

it('a tag is the same however its bytes are cut, and another for every other name, key and byte', () => {
  const bytes = random(70_000);
  const key = random(16).toString('hex');
  const tagOf = (name: string, pieces: readonly Uint8Array[], under = key) => {
    const tag = openTag(under, name);
    for (const piece of pieces) tag.update(piece);
    return tag.finish();
  };
  const whole = tagOf('a', [bytes]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      expect(
        tagOf(
          'a',
          at.slice(1).map((end, i) => bytes.subarray(at[i], end)),
        ),
      ).toBe(whole);
    }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ change;
      expect(tagOf('a', [other])).not.toBe(whole);
    }),
    { numRuns: 30 },
  );
  expect(tagOf('b', [bytes])).not.toBe(whole);
  expect(tagOf('a', [bytes], random(17).toString('hex').slice(2))).not.toBe(whole);
  expect(tagOf('a', [bytes, Buffer.alloc(1)])).not.toBe(whole);
});

describe('what is written', () => {
  it('is tagged where it lies in the source as it is written, and verified by the tags alone', async () => {
    writeFileSync(path, makeSource());
    const tags = await convert();
    expect(Object.keys(tags.tags).sort()).toEqual([...TAGGED].sort());
    expect(await verify(tags)).toEqual(await verify());
    // Of the source nothing but its table is looked at, and what has no tag.
    const source = readFileSync(path);
    using file = openFileSource(path);
    const { start } = readTensorTable(file).tensors.find(({ name }) => name === 'z.large')?.storage ?? { start: 0 };
    source[start + 5] = (source[start + 5] ?? 0) ^ 1;
    writeFileSync(path, source);
    await verify(tags);
    await expect(verify()).rejects.toMatchObject({ name: 'VerificationError', tensor: 'z.large' });
    expect(places().map(({ name }) => name)).not.toEqual(NAMES);
  });

  it.each([
    ['every tensor with its tag', {}],
    ['casts, and what is turned round', { dtype: 'BF16' }],
    ['casts to a larger type', { dtype: 'F32' }],
  ] as const)('a changed byte is found: %s', async (_, options) => {
    writeFileSync(path, makeSource());
    const tags = await convert(options);
    const whole = readFileSync(target);
    for (const { name, begin, end } of places()) {
      if (begin === end) continue;
      for (const at of new Set([begin, Math.floor((begin + end) / 2), end - 1])) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 0x40;
        writeFileSync(target, changed);
        await expect(verify(tags, options), `${name} at ${at}`).rejects.toMatchObject({
          name: 'VerificationError',
          tensor: name,
        });
      }
    }
    writeFileSync(target, whole);
    await verify(tags, options);
  });

  it('tensors that changed places, of one size and type, are found', async () => {
    writeFileSync(path, makeSource());
    const tags = await convert();
    const bytes = readFileSync(target);
    const [twin, part] = ['c.twin', 'b.part'].map((name) => places().find((place) => place.name === name));
    // They hold the same bytes: their tags are those of their names.
    expect(tags.tags['c.twin']).not.toBe(tags.tags['b.part']);
    const swapped = { ...tags, tags: { ...tags.tags, 'c.twin': tags.tags['b.part'], 'b.part': tags.tags['c.twin'] } };
    await expect(verify(swapped as TensorTags)).rejects.toMatchObject({ tensor: 'b.part' });
    bytes.copy(bytes, (twin?.begin ?? 0) + 2, part?.begin ?? 0, (part?.end ?? 0) - 2);
    writeFileSync(target, bytes);
    await expect(verify(tags)).rejects.toMatchObject({ tensor: 'c.twin' });
  });

  it('each tag that is another is found, and one that is missing is made up for by the source', async () => {
    writeFileSync(path, makeSource());
    const tags = await convert();
    for (const name of TAGGED) {
      const tag = tags.tags[name] ?? '';
      const other = (tag.startsWith('0') ? '1' : '0') + tag.slice(1);
      await expect(verify({ ...tags, tags: { ...tags.tags, [name]: other } })).rejects.toMatchObject({ tensor: name });
      const { [name]: _, ...rest } = tags.tags;
      await verify({ ...tags, tags: rest });
    }
    await verify({ ...tags, tags: {} });
  });

  it('a tag of a tensor that is cast counts for nothing', async () => {
    writeFileSync(path, makeSource());
    await convert({ dtype: 'BF16' });
    const bytes = readFileSync(target);
    const place = places().find(({ name }) => name === 'a.last');
    bytes[place?.begin ?? 0] = (bytes[place?.begin ?? 0] ?? 0) ^ 1;
    writeFileSync(target, bytes);
    const forged = openTag('0'.repeat(32), 'a.last');
    forged.update(bytes.subarray(place?.begin, place?.end));
    const tags = { key: '0'.repeat(32), tags: { 'a.last': forged.finish() } };
    await expect(verify(tags, { dtype: 'BF16' })).rejects.toMatchObject({ tensor: 'a.last' });
  });

  it('a file that ends early or goes on is found', async () => {
    writeFileSync(path, makeSource());
    const tags = await convert();
    const whole = readFileSync(target);
    for (const size of [whole.length - 1, whole.length - 100_000, 20, whole.length + 1]) {
      writeFileSync(target, whole);
      truncateSync(target, size);
      await expect(verify(tags), `${size} bytes`).rejects.toMatchObject({ name: 'VerificationError' });
    }
  });

  it('big-endian numbers are turned round and compared with the source', async () => {
    writeFileSync(path, makeSource({ bigEndian: true }));
    const tags = await convert();
    expect(tags.tags).not.toHaveProperty(['z.large']);
    await verify(tags);
    const bytes = readFileSync(target);
    const place = places().find(({ name }) => name === 'z.large');
    bytes.subarray(place?.begin, place?.end).swap16();
    writeFileSync(target, bytes);
    await expect(verify(tags)).rejects.toMatchObject({ tensor: 'z.large' });
  });
});

it('a source that ends before its tensors do is refused, and nothing is left', async () => {
  writeFileSync(path, makeSource());
  rmSync(target, { force: true });
  using source = openFileSource(path);
  readTensorTable(source);
  const options = { onSource: () => truncateSync(path, 5 * MIB) };
  await expect(convertToSafetensors(source, target, options)).rejects.toMatchObject({ code: 'file-changed' });
  expect(() => readFileSync(target)).toThrow('ENOENT');
});

it('hashers get every byte of the source and of the target once', async () => {
  writeFileSync(path, makeSource());
  using source = openFileSource(path);
  await using sourceHasher = await openHasher(source.size);
  const sizes: number[] = [];
  await convertToSafetensors(source, target, {
    table: readTensorTable(source),
    onLayout: (size) => sizes.push(size),
    readInto: sourceHasher,
    lateMetadata: { digest: { length: 64, value: async () => (await sourceHasher.finish()).sha256 } },
  });
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  expect(readSafetensorsHeader(bytesSource(readFileSync(target))).metadata.get('digest')).toBe(sha256);
  expect(sizes).toEqual([readFileSync(target).length]);
  await using hasher = await openHasher(readFileSync(target).length);
  await verifyConversion(source, target, { readInto: hasher });
  expect(await hasher.finish()).toEqual(await hashFile(target));
});

/** What this process asked the system for so far: bytes to read, and how often to write. */
const counter = (name: 'rchar' | 'syscw') =>
  Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(readFileSync('/proc/self/io', 'latin1'))?.[1]);

it.skipIf(process.platform !== 'linux')('source and target are read once, and small pieces written', async () => {
  const elements = 4 * MIB;
  const names = ['b', 'a', 'c'];
  const object = pickle.dict(
    names.map((name, index) => [pickle.text(name), tensor({ key: String(index), elements, shape: [elements] })]),
  );
  const storage = Buffer.alloc(elements * 4, 'weights');
  writeFileSync(path, makeTorchZip(object, { 0: storage, 1: storage, 2: storage }));
  const size = 3 * elements * 4;
  const start = counter('rchar');
  const writes = counter('syscw');
  const tags = await convert();
  expect(size / (counter('syscw') - writes)).toBeLessThan(256 * 1024);
  const converted = counter('rchar');
  await verify(tags);
  const verified = counter('rchar');
  expect((converted - start) / size).toBeLessThan(1.05);
  expect((verified - converted) / size).toBeLessThan(1.05);
});

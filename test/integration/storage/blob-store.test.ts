import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DigestError, FreshFile, isOpenForWriting, openBlobStore } from '#lib/storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-blobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = openBlobStore(join(folder, 'blobs'));
const bytes = Buffer.from('weights');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const blobs = () =>
  readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

function newFile(content: Uint8Array = bytes): string {
  const path = join(folder, 'upload');
  writeFileSync(path, content);
  return path;
}

it('takes a file in, and hands it out whole or in part', async () => {
  expect(await store.sizeOf(sha256)).toBeNull();

  expect(await store.add(newFile(), sha256)).toEqual({ sha256, size: 7, isVerified: true });

  expect(await store.sizeOf(sha256)).toBe(7);
  expect(await buffer(store.read(sha256))).toEqual(bytes);
  expect((await buffer(store.read(sha256, { start: 2, end: 4 }))).toString()).toBe('igh');
  expect(statSync(store.pathOf(sha256)).mode & 0o222).toBe(0);
});

it('keeps what it has when the same bytes come again', async () => {
  await store.add(newFile(), sha256);
  await store.add([bytes]);

  expect(blobs()).toEqual([sha256]);
});

it('names bytes by what was written, and takes none that are not what they should be', async () => {
  const other = createHash('sha256').update('other').digest('hex');
  await expect(store.add(newFile(), other)).rejects.toBeInstanceOf(DigestError);
  expect(await store.has(other)).toBe(false);

  expect(await store.add([Buffer.from('ot'), Buffer.from('her')])).toEqual({
    sha256: other,
    size: 5,
    isVerified: true,
  });
  expect(blobs().sort()).toEqual([sha256, other].sort());
});

it('leaves nothing of a copy that fails', async () => {
  async function* broken() {
    yield Buffer.from('first');
    throw new Error('The line was cut.');
  }
  await expect(store.add(broken())).rejects.toThrow('cut');
  await expect(store.add(join(folder, 'nothing'))).rejects.toThrow('ENOENT');
  expect(readdirSync(join(folder, 'blobs', 'incoming'))).toEqual([]);
});

it('cannot be changed through a handle on what was copied', async () => {
  const content = Buffer.from('published');
  const path = newFile(content);
  const handle = openSync(path, 'r+');
  const { sha256: name } = await store.add(path);
  writeSync(handle, 'REPLACED', 0);
  closeSync(handle);
  expect(readFileSync(store.pathOf(name))).toEqual(content);
});

it('adopts a file that was written here, and never lets it be written again', async () => {
  const content = Buffer.from('received');
  const name = createHash('sha256').update(content).digest('hex');
  const file = await FreshFile.create(join(folder, 'fresh'));
  await file.write(content.subarray(0, 4), 0);
  await file.pause();
  // Not waited for: what is on its way is in the file before it is sealed.
  const last = file.write(content.subarray(4), 4);
  const { ino } = statSync(file.path);
  expect(await store.adopt(file, name, content.length)).toMatchObject({ isVerified: true });
  await last;

  expect(statSync(store.pathOf(name))).toMatchObject({ ino, nlink: 1, size: 8 });
  expect(statSync(store.pathOf(name)).mode & 0o777).toBe(0o444);
  expect(readFileSync(store.pathOf(name))).toEqual(content);
  expect(() => file.write(Buffer.from('x'), 0)).toThrow('sealed');
});

describe('a file that another process wrote', () => {
  const received = () => readdirSync(join(folder, 'blobs', 'incoming'));

  it('is moved in, closed to others, and stored without a copy', async () => {
    const content = randomBytes(50_000);
    const digest = createHash('sha256').update(content).digest('hex');
    const path = newFile(content);
    const { ino } = statSync(path);
    const file = await store.receive(path);
    expect(existsSync(path)).toBe(false);
    expect(statSync(file.path).mode & 0o077).toBe(0);
    expect(await store.adopt(file, digest, content.length)).toMatchObject({ sha256: digest });
    expect(readFileSync(store.pathOf(digest))).toEqual(content);
    if (process.platform === 'linux') expect(statSync(store.pathOf(digest)).ino).toBe(ino);
  });

  it('is copied while a handle could still write to it', async () => {
    const content = randomBytes(50_000);
    const path = newFile(content);
    const handle = openSync(path, 'r+');
    const file = await store.receive(path);
    writeSync(handle, 'changed', 0);
    closeSync(handle);
    expect(readFileSync(file.path)).toEqual(content);
    await file.discard();
    expect(received()).toEqual([]);
  });

  it('is refused where it is a link, a folder or has another name, and nothing is left of it in the store', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'of others');
    const path = join(folder, 'written');
    for (const make of [() => symlinkSync(secret, path), () => linkSync(secret, path), () => mkdirSync(path)]) {
      make();
      await expect(store.receive(path)).rejects.toThrow('not a separate file');
      rmSync(path, { recursive: true, force: true });
      expect(received()).toEqual([]);
    }
    expect(readFileSync(secret, 'utf8')).toBe('of others');
  });
});

it('refuses a file that somebody changed after it was hashed', async () => {
  const content = Buffer.from('hashed while it came');
  const name = createHash('sha256').update(content).digest('hex');
  const file = await FreshFile.create(join(folder, 'changed'));
  await file.write(content, 0);
  writeFileSync(file.path, 'REPLACED', { flag: 'r+' });
  await expect(store.adopt(file, name, content.length)).rejects.toBeInstanceOf(DigestError);
  expect(await store.has(name)).toBe(false);
  await file.discard();
});

describe('a file that was read back while it was written', () => {
  async function adopt(name: string, content: Buffer, touch: (file: FreshFile) => Promise<unknown> | unknown) {
    const file = await FreshFile.create(join(folder, name));
    await file.write(content.subarray(0, 10), 0);
    await file.pause();
    await touch(file);
    await file.write(content.subarray(10), 10);
    await file.pause();
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { file, stored: () => store.adopt(file, sha256, content.length, { isReadBack: true }) };
  }
  /** The clock of a file system is slow: a change within its tick looks like the one before. */
  const change = async (file: FreshFile) => {
    const before = statSync(file.path, { bigint: true }).ctimeNs;
    await expect
      .poll(() => {
        writeFileSync(file.path, 'R', { flag: 'r+' });
        return statSync(file.path, { bigint: true }).ctimeNs;
      })
      .toBeGreaterThan(before);
  };
  const large = () => randomBytes(17 * 1024 * 1024);

  it('is not read again', async () => {
    const { stored } = await adopt('read back', large(), () => {});
    expect(await stored()).toMatchObject({ isVerified: true });
  });

  it.each(['between two writes', 'after the last'])('is, where somebody changed it %s', async (moment) => {
    for (const content of [large(), randomBytes(1000)]) {
      const between = moment === 'between two writes';
      const { file, stored } = await adopt(`touched ${content.length}`, content, between ? change : () => {});
      if (!between) await change(file);
      if (content.length > 16 * 1024 * 1024) expect(await stored()).toMatchObject({ isVerified: false });
      else await expect(stored()).rejects.toBeInstanceOf(DigestError);
      await file.discard();
    }
  });

  it('is, where nobody can say that it was not touched', async () => {
    const content = large();
    const file = await FreshFile.create(join(folder, 'not paused'));
    await file.write(content, 0);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(await store.adopt(file, sha256, content.length, { isReadBack: true })).toMatchObject({ isVerified: false });
  });
});

/** Each way in to the store; `seen` is told of the file that is about to become a blob while it can still be opened. */
const WAYS: Record<string, (content: Buffer, seen: (path: string) => void) => Promise<unknown>> = {
  'an upload of one process': async (content, seen) => {
    const file = await FreshFile.create(join(folder, `upload ${content.length}`));
    await file.write(content, 0);
    seen(file.path);
    return await store.adopt(file, createHash('sha256').update(content).digest('hex'), content.length);
  },
  'a file that a stage wrote: converted, merged': async (content, seen) => {
    const path = newFile(content);
    seen(path);
    return await store.add(path, createHash('sha256').update(content).digest('hex'));
  },
  'bytes that come: parts of an upload, pictures, what a worker sends': (content, seen) => {
    async function* bytes() {
      yield content.subarray(0, 5);
      // The copy is begun, and waits for the rest.
      const incoming = join(folder, 'blobs', 'incoming');
      await expect.poll(() => readdirSync(incoming).length).toBe(1);
      seen(join(incoming, readdirSync(incoming)[0] as string));
      yield content.subarray(5);
    }
    return store.add(bytes());
  },
};

const SIZES = { 'a small file': 1000, 'a large one': 17 * 1024 * 1024 };
const CASES = Object.keys(WAYS).flatMap((way) => Object.entries(SIZES).map(([kind, size]) => ({ way, kind, size })));

it.each(CASES)('$way, $kind: a handle from before cannot change the blob', async ({ way, size }) => {
  const content = randomBytes(size);
  const name = createHash('sha256').update(content).digest('hex');
  const handles: number[] = [];
  await WAYS[way]?.(content, (path) => handles.push(openSync(path, 'r+')));
  expect(handles.length).toBe(1);
  for (const handle of handles) {
    writeSync(handle, 'REPLACED', 0);
    closeSync(handle);
  }
  expect(
    createHash('sha256')
      .update(readFileSync(store.pathOf(name)))
      .digest('hex'),
  ).toBe(name);
  expect(readdirSync(join(folder, 'blobs', 'incoming'))).toEqual([]);
});

it.runIf(process.platform === 'linux')('knows who has a file open for writing, and waits for no pipe', async () => {
  const path = newFile();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(path, 'r');
  expect([await isOpenForWriting(path), await isOpenForWriting(pipe)]).toEqual([false, false]);
  const writer = openSync(path, 'r+');
  expect(await isOpenForWriting(path)).toBe(true);
  for (const handle of [reader, writer]) closeSync(handle);
  expect(await isOpenForWriting(path)).toBe(false);
});

it('makes a fresh file only where nothing has its name', async () => {
  await expect(FreshFile.create(newFile())).rejects.toThrow('EEXIST');
});

describe('a large file', () => {
  const piece = randomBytes(1024 * 1024);
  const write = async (file: FreshFile, from: number, count: number) => {
    for (let at = from; at < from + count; at += 1) await file.write(piece, at * piece.length);
  };
  const spyOnFlush = async () => {
    const handle = await open(newFile());
    await handle.close();
    const flush = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'datasync');
    onTestFinished(() => flush.mockRestore());
    return flush;
  };
  const isOpen = (path: string) =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    });

  it('goes to the disk while it is written, which only its seal waits for', async () => {
    const flush = await spyOnFlush();
    const done = Promise.withResolvers<void>();
    flush.mockReturnValueOnce(done.promise);
    const file = await FreshFile.create(join(folder, 'large'));
    await write(file, 0, 63);
    expect(flush).not.toHaveBeenCalled();
    await write(file, 63, 2);
    await file.pause();
    await write(file, 65, 64);
    await file.pause();
    expect(flush).toHaveBeenCalledTimes(1);

    const order: string[] = [];
    const sealed = file.seal().then(() => void order.push('sealed'));
    const other = await FreshFile.create(join(folder, 'other'));
    await other.seal();
    order.push('other sealed');
    done.resolve();
    await sealed;
    expect(order).toEqual(['other sealed', 'sealed']);
    expect(statSync(file.path).size).toBe(129 * piece.length);
    if (process.platform === 'linux') expect(isOpen(file.path)).toBe(false);
    await file.discard();
  });

  it('is not sealed after the disk has failed once', async () => {
    const flush = await spyOnFlush();
    flush.mockRejectedValueOnce(new Error('EIO'));
    const file = await FreshFile.create(join(folder, 'failed'));
    await write(file, 0, 65);
    await expect(file.seal()).rejects.toThrow('EIO');
    await file.discard();
    expect(existsSync(join(folder, 'failed'))).toBe(false);
  });
});

it('keeps aside what is not what its name says', async () => {
  const { sha256: name } = await store.add([Buffer.from('damaged')]);
  await store.quarantine(name);
  expect(await store.has(name)).toBe(false);
  expect(readdirSync(join(folder, 'blobs', 'mismatched'))).toEqual([expect.stringContaining(name)]);
  await store.add([Buffer.from('damaged')]);
  expect(await store.has(name)).toBe(true);
});

it('drops unfinished copies that are old', async () => {
  const incoming = join(folder, 'blobs', 'incoming');
  for (const name of ['old', 'young']) writeFileSync(join(incoming, name), 'part');
  utimesSync(join(incoming, 'old'), new Date(0), new Date(0));
  await store.sweep(new Date(1000));
  expect(existsSync(join(incoming, 'old'))).toBe(false);
  expect(existsSync(join(incoming, 'young'))).toBe(true);
});

it.each(['../../etc/passwd', sha256.toUpperCase(), '', `${sha256}/..`])('never makes a path of %j', (name) => {
  expect(() => store.pathOf(name)).toThrow(TypeError);
});

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaseFile } from '#lib/comfyui/leases.ts';
import { markerOf } from '#lib/comfyui/place-file.ts';
import { placeModel } from '#lib/comfyui/shared-folder.ts';
import { type Bench, makeBench } from '../../support/comfyui-request.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.clear());

const hash = (letter: string) => letter.repeat(64);
const KIB = 1024;

/** A file of a size, as Weighhouse has it. */
async function file(name: string, letter: string, size = KIB) {
  const path = join(bench.root, name);
  await writeFile(path, Buffer.alloc(size, letter));
  return { path, name, sha256: hash(letter) };
}

const folderOf = (maxBytes = 10 * KIB) => ({ path: bench.models, maxBytes });
const at = (name: string, kind = 'checkpoints') => join(bench.models, kind, name);
/** Says of a file that it was used some minutes ago. */
async function age(name: string, minutes: number): Promise<void> {
  const then = new Date(Date.now() - minutes * 60_000);
  await utimes(markerOf(at(name)), then, then);
}

describe('a folder that ComfyUI shares', () => {
  it('gets a link to the file, under a name that every system takes', async () => {
    const source = await file('Möwe: final/v2 (mit ♥)'.replaceAll('/', ' '), 'a');
    const { name } = await placeModel(folderOf(), 'loras', source);
    expect(name).toBe('weighhouse/aaaaaaaaaa-Mo-we-final-v2-mit.safetensors');
    const placed = await stat(at(name, 'loras'));
    expect(placed.ino).toBe((await stat(source.path)).ino);
    expect(placed.nlink).toBe(2);
  });

  it('gets a copy where it lies on another file system', async () => {
    const source = await file('far', 'a');
    // The memory file system of Linux; elsewhere there is no second one to rely on.
    const shm = '/dev/shm';
    if (!existsSync(shm) || (await stat(shm)).dev === (await stat(bench.root)).dev) return;
    const path = join(shm, `weighhouse-${process.pid}`);
    await mkdir(path);
    try {
      const { name, release } = await placeModel({ path, maxBytes: 10 * KIB }, 'vae', source);
      await release();
      const placed = join(path, 'vae', name);
      expect(await readFile(placed)).toEqual(await readFile(source.path));
      expect((await stat(placed)).nlink).toBe(1);
      // It counts as Weighhouse's own, and makes room for the next.
      const next = await file('next', 'b', 10 * KIB);
      await placeModel({ path, maxBytes: 10 * KIB }, 'vae', next);
      expect(existsSync(placed)).toBe(false);
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  });

  it('gets a copy of a file that others can change, if it still has its SHA-256', async () => {
    const source = await file('own', 'a');
    const sha256 = createHash('sha256')
      .update(await readFile(source.path))
      .digest('hex');
    const { name } = await placeModel(folderOf(), 'loras', { ...source, sha256, isChangeable: true });
    const placed = await stat(at(name, 'loras'));
    expect([placed.nlink, (await stat(source.path)).nlink]).toEqual([1, 1]);
    await writeFile(source.path, 'other bytes');
    const changed = placeModel(folderOf(), 'vae', { ...source, sha256, isChangeable: true });
    await expect(changed).rejects.toThrow();
    expect(existsSync(at(name, 'vae'))).toBe(false);
  });

  it('keeps one file however often it is asked for', async () => {
    const source = await file('one', 'a');
    const both = await Promise.all([1, 2, 3].map(() => placeModel(folderOf(), 'checkpoints', source)));
    expect(new Set(both.map(({ name }) => name)).size).toBe(1);
    expect((await stat(source.path)).nlink).toBe(2);
  });

  it('loses those that were used longest ago, when room is needed', async () => {
    const names: string[] = [];
    for (const letter of ['a', 'b', 'c']) {
      const { name, release } = await placeModel(folderOf(3 * KIB), 'checkpoints', await file(letter, letter));
      await release();
      names.push(name);
    }
    const [a, b, c] = names as [string, string, string];
    await age(a, 10);
    await age(b, 30);
    await age(c, 20);
    const { name: d } = await placeModel(folderOf(3 * KIB), 'checkpoints', await file('d', 'd', 2 * KIB));
    expect([a, b, c, d].map((name) => existsSync(at(name)))).toEqual([true, false, false, true]);
    expect(existsSync(markerOf(at(b)))).toBe(false);
    // What was linked is still where Weighhouse has it.
    expect(existsSync(join(bench.root, 'b'))).toBe(true);
  });

  it('never loses a file in use, nor one that Weighhouse did not put there', async () => {
    const used = await placeModel(folderOf(2 * KIB), 'checkpoints', await file('used', 'a'));
    const other = await placeModel(folderOf(2 * KIB), 'checkpoints', await file('other', 'b'));
    await other.release();
    const theirs = at('weighhouse/cccccccccc-theirs.safetensors');
    await writeFile(theirs, Buffer.alloc(KIB));
    await age(used.name, 60);
    await placeModel(folderOf(2 * KIB), 'checkpoints', await file('new', 'd'));
    expect([at(used.name), at(other.name), theirs].map(existsSync)).toEqual([true, false, true]);

    await expect(placeModel(folderOf(2 * KIB), 'checkpoints', await file('more', 'e'))).rejects.toThrow(
      'No room for 1.00 KiB more in the shared ComfyUI folder: 2.00 KiB of 2.00 KiB are in use.',
    );
    expect(existsSync(theirs)).toBe(true);
  });

  it('leaves alone a file that somebody wrote in the place of its own', async () => {
    const { name, release } = await placeModel(folderOf(KIB), 'checkpoints', await file('mine', 'a'));
    await release();
    await rm(at(name));
    await writeFile(at(name), Buffer.alloc(KIB, 'z'));
    const later = new Date(Date.now() + 3_600_000);
    await utimes(at(name), later, later);
    await placeModel(folderOf(KIB), 'checkpoints', await file('next', 'b'));
    expect(await readFile(at(name), 'utf8')).toBe('z'.repeat(KIB));
  });

  it('counts what a process that died held as free, after two minutes', async () => {
    const source = await file('dead', 'a');
    const { name } = await placeModel(folderOf(KIB), 'checkpoints', source);
    const folder = dirname(at(name));
    const [lease] = (await readdir(folder)).filter((one) => one.includes('.in-use-'));
    const next = await file('next', 'b');
    await expect(placeModel(folderOf(KIB), 'checkpoints', next)).rejects.toMatchObject({ code: 'bad_request' });
    const then = new Date(Date.now() - 180_000);
    await utimes(join(folder, lease!), then, then);
    await placeModel(folderOf(KIB), 'checkpoints', next);
    expect(existsSync(at(name))).toBe(false);
  });

  it('is not used by those who hold no lease any more, and by those who do', async () => {
    const source = await file('x', 'a');
    const first = await placeModel(folderOf(KIB), 'checkpoints', source);
    const second = await leaseFile(at(first.name));
    await first.release();
    const next = await file('y', 'b');
    await expect(placeModel(folderOf(KIB), 'checkpoints', next)).rejects.toMatchObject({ code: 'bad_request' });
    await second.release();
    await expect(placeModel(folderOf(KIB), 'checkpoints', next)).resolves.toMatchObject({});
  });

  it('says what is wrong where it is not there, too small, or has another file in the place', async () => {
    const source = await file('x', 'a', 2 * KIB);
    await expect(placeModel({ path: join(bench.root, 'gone'), maxBytes: KIB }, 'loras', source)).rejects.toThrow(
      `The shared ComfyUI folder ${join(bench.root, 'gone')} does not exist.`,
    );
    await expect(placeModel(folderOf(KIB), 'loras', source)).rejects.toThrow('The model is 2.00 KiB');
    const taken = at('weighhouse/aaaaaaaaaa-x.safetensors', 'loras');
    await mkdir(dirname(taken), { recursive: true });
    await writeFile(taken, 'short');
    await expect(placeModel(folderOf(), 'loras', source)).rejects.toThrow('Move it to another folder');
    expect(await readFile(taken, 'utf8')).toBe('short');
  });

  it('takes a link of the same size that is there already for its own file', async () => {
    const source = await file('x', 'a');
    const there = at('weighhouse/aaaaaaaaaa-x.safetensors');
    await mkdir(dirname(there), { recursive: true });
    await link(source.path, there);
    const { name, release } = await placeModel(folderOf(), 'checkpoints', source);
    await release();
    expect(at(name)).toBe(there);
    // Without a marker, so it is nobody's to remove.
    expect(existsSync(markerOf(there))).toBe(false);
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { RunningHash } from '#lib/uploads/running-hash.ts';
import { DigestSet, HASH_GROUPS } from '#scanner/hashes/digest-set.ts';

const MB = 1024 * 1024;
const content = randomBytes(9 * MB + 123);
const PIECE = 700_000;

/** A file of which so much is written, and the hash of what it is to be. */
function begin() {
  const file = { written: 0, bytesRead: 0 };
  const hash = new RunningHash(async (from, to, take) => {
    if (to > file.written) throw new Error('Not written.');
    for (let at = from; at < to; ) {
      const piece = content.subarray(at, Math.min(to, at + PIECE));
      at += await take(async (room) => {
        const length = Math.min(room.length, piece.length);
        room.set(piece.subarray(0, length));
        file.bytesRead += length;
        return length;
      });
    }
  }, content.length);
  const write = async (to: number, { isSeen = true } = {}) => {
    while (file.written < to) {
      file.written = Math.min(to, file.written + PIECE);
      if (isSeen) await hash.grow(file.written);
    }
  };
  return { file, hash, write };
}

async function expected() {
  const whole = await DigestSet.create(HASH_GROUPS.flat(), content.length);
  whole.update(content);
  return whole.finish();
}

it('reads each byte once, and before it is asked for the digests', async () => {
  const { file, hash, write } = begin();
  hash.resumeAt(0);
  await write(content.length);
  await expect.poll(() => file.bytesRead).toBeGreaterThanOrEqual(4 * MB);
  expect(await hash.digests()).toEqual(await expected());
  expect(file.bytesRead).toBe(content.length);
});

it('reads what it was not told of', async () => {
  const { file, hash, write } = begin();
  await write(3 * MB, { isSeen: false });
  hash.resumeAt(3 * MB);
  await write(5 * MB);
  await write(7 * MB, { isSeen: false });
  await write(content.length);
  expect(await hash.digests()).toEqual(await expected());
  expect(file.bytesRead).toBe(content.length);
});

it('starts over where less was kept than it has hashed', async () => {
  const { file, hash, write } = begin();
  await write(6 * MB);
  await expect.poll(() => file.bytesRead).toBeGreaterThanOrEqual(4 * MB);
  file.written = 2 * MB;
  hash.resumeAt(2 * MB);
  await write(content.length);
  expect((await hash.digests()).sha256).toBe(createHash('sha256').update(content).digest('hex'));
});

it('lets nobody write much faster than it hashes, and lets them go on when it has failed or ended', async () => {
  let answer = Promise.withResolvers<void>();
  let read = 0;
  const hash = new RunningHash(async (from, to, take) => {
    await answer.promise;
    for (let at = from; at < to; ) {
      const length = await take(async (room) => Math.min(room.length, to - at));
      at += length;
      read += length;
    }
  }, 500 * MB);
  let written = 0;
  const grow = () => {
    written += 40 * MB;
    return hash.grow(written);
  };
  await grow();
  const grown = grow().then(() => read);
  answer.resolve();
  expect(await grown).toBeGreaterThan(0);

  await expect.poll(() => read).toBe(written);
  answer = Promise.withResolvers();
  await grow();
  const failed = grow();
  answer.reject(new Error('The disk has failed.'));
  await failed;

  answer = Promise.withResolvers();
  const dropped = grow();
  hash.drop();
  await dropped;
  await expect(grow()).rejects.toThrow('has ended');
});

it('says so where what was written is not there', async () => {
  const { hash } = begin();
  await expect(hash.digests()).rejects.toThrow('Not written.');
});

it.each(['before', 'while'])('answers nobody when it was dropped %s they ask', async (moment) => {
  const { file, hash, write } = begin();
  await write(MB);
  file.written = content.length;
  if (moment === 'before') hash.drop();
  const asked = hash.digests();
  if (moment === 'while') hash.drop();
  await expect(asked).rejects.toThrow('has ended');
  // Nor is it begun again for what may still come.
  await expect(hash.grow(content.length)).rejects.toThrow('has ended');
});

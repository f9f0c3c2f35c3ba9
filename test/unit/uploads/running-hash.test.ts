import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { RunningHash } from '#lib/uploads/running-hash.ts';
import { DigestSet, HASH_GROUPS } from '#scanner/hashes/digest-set.ts';

const content = randomBytes(3_000_000);
const PIECE = 70_000;

/** A file of which so much is written, and the hash of what it is to be. */
function begin() {
  const file = { written: 0, reads: 0 };
  const hash = new RunningHash(async function* (from, to) {
    file.reads += 1;
    if (to > file.written) throw new Error('Not written.');
    for (let at = from; at < to; at += PIECE) yield content.subarray(at, Math.min(to, at + PIECE));
  }, content.length);
  const write = async (to: number, { isSeen = true } = {}) => {
    while (file.written < to) {
      const at = file.written;
      file.written = Math.min(to, at + PIECE);
      const piece = Buffer.from(content.subarray(at, file.written));
      if (!isSeen) continue;
      await hash.append([piece.subarray(0, 1), piece.subarray(1)], at);
      piece.fill(0);
    }
  };
  return { file, hash, write };
}

async function expected() {
  const whole = await DigestSet.create(HASH_GROUPS.flat(), content.length);
  whole.update(content);
  return whole.finish();
}

it('reads nothing again of what it was fed', async () => {
  const { file, hash, write } = begin();
  hash.resumeAt(0);
  await write(content.length);
  expect(await hash.digests()).toEqual(await expected());
  expect(file.reads).toBe(0);
});

it('reads what it missed, before and between what it was fed', async () => {
  const { file, hash, write } = begin();
  await write(1_000_000, { isSeen: false });
  hash.resumeAt(1_000_000);
  await write(1_500_000);
  await write(2_000_000, { isSeen: false });
  await write(content.length);
  expect(await hash.digests()).toEqual(await expected());
  expect(file.reads).toBeGreaterThan(0);
});

it('starts over where less was kept than it was fed', async () => {
  const { file, hash, write } = begin();
  await write(2_000_000);
  file.written = 1_200_000;
  hash.resumeAt(1_200_000);
  await write(content.length);
  expect((await hash.digests()).sha256).toBe(createHash('sha256').update(content).digest('hex'));
});

it('says so where what was written is not there', async () => {
  const { hash } = begin();
  await expect(hash.digests()).rejects.toThrow('Not written.');
});

it.each(['before', 'while'])('answers nobody when it was dropped %s they ask', async (moment) => {
  const { file, hash, write } = begin();
  await write(1_000_000);
  file.written = content.length;
  if (moment === 'before') hash.drop();
  const asked = hash.digests();
  if (moment === 'while') hash.drop();
  await expect(asked).rejects.toThrow('has ended');
  // Nor is it begun again for what may still come.
  await expect(hash.append([content.subarray(0, 5)], 0)).rejects.toThrow('has ended');
});

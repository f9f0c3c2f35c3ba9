import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeDb, db, GroupCommit } from '#lib/db/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';

await useTestEnvironment();
beforeAll(async () => {
  await db().$executeRaw`CREATE TABLE note (text TEXT PRIMARY KEY)`;
});
afterAll(() => closeDb());

const groups: string[][] = [];
const notes = new GroupCommit(async (tx, texts: readonly string[]) => {
  groups.push([...texts]);
  for (const text of texts) await tx.$executeRaw`INSERT INTO note VALUES (${text})`;
  return texts.map((text) => text.toUpperCase());
});
const kept = async () =>
  (await db().$queryRaw<{ text: string }[]>`SELECT text FROM note ORDER BY text`).map(({ text }) => text);

it('commits together what comes while a transaction runs, and answers each', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `together ${index}`);
  expect(await Promise.all(texts.map((text) => notes.run(text)))).toEqual(texts.map((text) => text.toUpperCase()));
  expect(groups.map(({ length }) => length)).toEqual([1, 32, 7]);
  expect(await kept()).toEqual([...texts].sort());
});

it('fails nobody by what another one brought', async () => {
  await db().$executeRaw`TRUNCATE note`;
  const results = await Promise.allSettled(['first', 'a', 'twice', 'twice', 'b'].map((text) => notes.run(text)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await kept()).toEqual(['a', 'b', 'first', 'twice']);
});

it('goes on after a failure', async () => {
  await expect(notes.run('a')).rejects.toThrow();
  expect(await notes.run('c')).toBe('C');
});

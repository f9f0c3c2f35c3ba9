import { expect, it } from 'vitest';
import { listWaitingFiles } from '#lib/admin/index.ts';
import { db } from '#lib/db/index.ts';
import { boss } from '#lib/queue/index.ts';
import { startWorker } from '#lib/worker/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();

it('lists what stands in line for administrators alone, and no longer what has had its turn', async () => {
  const owner = await makeUser('uploader');
  const admin = await makeUser('admin');
  expect(await listWaitingFiles(admin)).toEqual({ files: [], total: 0 });
  for (const name of ['first.pt', 'second.pt']) await enterBytes(name, Buffer.from(`no model: ${name}`), owner.id);
  const { files, total } = await listWaitingFiles(admin);
  expect(files.map(({ filename, tries, notBefore }) => [filename, tries, notBefore])).toEqual([
    ['first.pt', 0, null],
    ['second.pt', 0, null],
  ]);
  expect(total).toBe(2);
  await expect(listWaitingFiles(owner)).rejects.toMatchObject({ code: 'forbidden' });

  const worker = await startWorker(['ingest']);
  await expect.poll(async () => (await listWaitingFiles(admin)).total).toBe(0);
  // One that is stopped in the middle of a job leaves it to be tried again.
  await expect.poll(() => db().modelFile.count({ where: { state: 'malformed' } })).toBe(2);
  await worker.stop();
});

it('says when a failed try is made good', async () => {
  const admin = await makeUser('admin');
  await enterBytes('third.pt', Buffer.from('no model: third'), admin.id);
  const queue = await boss();
  const [job] = await queue.fetch('ingest');
  await queue.fail('ingest', job?.id ?? '', new Error('The disk was full.'));
  const { files } = await listWaitingFiles(admin);
  expect(files).toMatchObject([{ filename: 'third.pt', tries: 0 }]);
  expect(files[0]?.notBefore).not.toBeNull();
  await queue.stop();
});

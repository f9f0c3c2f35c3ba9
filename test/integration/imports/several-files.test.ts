import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel, findOriginal, getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { serveZip } from '#lib/http/index.ts';
import { requestImport, runImport } from '#lib/imports/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { checkModel } from '#scanner/multi-file/index.ts';
import {
  type FolderFiles,
  floatFile,
  SECOND,
  SHARDS,
  torchFloatFile,
  UNET_ALONE,
  writeFolder,
} from '#test/fixtures/model-folders.ts';
import { useTestEnvironment } from '#test/support/environment.ts';
import { makeUser } from '#test/support/files.ts';
import { waitFor } from '#test/support/wait-for.ts';

const allowed = mkdtempSync(join(tmpdir(), 'weighhouse imports '));
await useTestEnvironment({ WEIGHHOUSE_IMPORT_ROOTS: allowed });

let admin: Actor;
let worker: Worker;
beforeAll(async () => {
  admin = await makeUser('admin');
  worker = await startWorker(['ingest']);
});
afterAll(async () => {
  await worker.stop();
  await rm(allowed, { recursive: true });
});

/** The index of the same shards, without the size. */
const LOOSE = { weight_map: SHARDS['model.safetensors.index.json'].weight_map };

/** Imports a folder as it is found, and waits until its model has gone all its way. */
async function enter(files: FolderFiles) {
  const root = mkdtempSync(join(allowed, 'model '));
  writeFolder(root, files);
  const { id } = await requestImport(admin, { path: root, tags: false, dryRun: false });
  await runImport(id);
  const entry = await db().importEntry.findFirstOrThrow({ where: { importId: id, state: { not: 'passed_over' } } });
  expect([entry.state, entry.reason]).toEqual(['imported', null]);
  const { version } = await db().modelFile.findUniqueOrThrow({
    where: { id: entry.fileId ?? 0 },
    include: { version: true },
  });
  await waitFor(
    () => getModel(admin, version.modelId),
    (found) => {
      const file = found?.versions[0]?.files[0];
      const isDone = ['converted', 'not_convertible'].includes(file?.conversion ?? '');
      return isDone || ['suspicious', 'malformed', 'dangerous', 'incomplete'].includes(file?.state ?? '');
    },
  );
  // The model may have been read before its file.
  const model = await getModel(admin, version.modelId);
  const file = model?.versions[0]?.files[0];
  if (!model || !file) throw new Error('There is no model.');
  return { model, file, count: await db().importEntry.count({ where: { importId: id, state: 'imported' } }) };
}

it('shards with their index are one model: one verdict, one safetensors, one ZIP file', async () => {
  const { model, file, count } = await enter(SHARDS);
  expect(count).toBe(1);
  expect([model.verdict, model.published, file.layout, file.conversion]).toEqual([
    'clean',
    true,
    'shards',
    'converted',
  ]);
  expect(file.parts.map(({ path, state }) => [path, state])).toEqual(
    Object.keys(SHARDS)
      .sort()
      .map((path) => [path, 'clean']),
  );
  expect(file.tensors.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
  expect(file.converted?.filename).toMatch(/\.safetensors$/);

  expect(file.may.downloadOriginal).toBe(true);
  const { parts, ...rest } = await findOriginal(admin, file.id);
  const zipped = { ...rest, files: parts ?? [] };
  const head = await serveZip(new Request('http://localhost/', { method: 'HEAD' }), zipped);
  const body = Buffer.from(await (await serveZip(new Request('http://localhost/'), zipped)).arrayBuffer());
  expect(head.headers.get('content-length')).toBe(String(body.length));
  const target = join(allowed, 'model.zip');
  writeFileSync(target, body);
  // Another reader: it compares every checksum, and refuses what does not fit.
  const unzipped = join(allowed, 'unzipped');
  const { status, stderr } = spawnSync('python3', ['-m', 'zipfile', '-e', target, unzipped], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(readFileSync(join(unzipped, SECOND))).toEqual(Buffer.from(SHARDS[SECOND]));

  const digests = file.parts.map(({ sha256 }) => sha256);
  await deleteModel(admin, model.id);
  for (const sha256 of digests) expect(await blobStore().has(sha256)).toBe(false);
});

it('a diffusers folder that has no single-file form is published as it is', async () => {
  const { model, file } = await enter(UNET_ALONE);
  expect([file.layout, file.state, file.conversion, model.published]).toEqual([
    'diffusers',
    'clean',
    'not_convertible',
    true,
  ]);
});

it.each<[string, FolderFiles, string]>([
  [
    'a configuration that names code',
    { ...UNET_ALONE, 'unet/extra.json': { _target_: 'os.system' } },
    'unet/extra.json',
  ],
  ['a program', { ...UNET_ALONE, 'unet/run.py': 'import os\nos.system("true")\n' }, 'unet/run.py'],
])('%s among its files keeps all of the model in quarantine', async (_name, files, path) => {
  const { model, file } = await enter(files);
  expect(['suspicious', 'dangerous']).toContain(file.state);
  expect([model.verdict, model.published, file.may.downloadOriginal]).toEqual([file.state, false, false]);
  expect(file.parts.filter(({ state }) => state !== 'clean').map((part) => part.path)).toEqual([path]);
  expect(file.findings.map(({ where }) => where?.member)).toContain(path);
});

it('a tensor that is in another file than the index says is a fault of the whole', async () => {
  const { file, model } = await enter({ ...SHARDS, [SECOND]: floatFile({ a: [1, 2, 3], b: [4, 5], c: [6] }) });
  expect([file.state, model.published]).toEqual(['malformed', false]);
  expect(file.parts.every(({ state }) => state === 'clean')).toBe(true);
});

it('the same part in two models is a part of each, and stays with one when the other is deleted', async () => {
  const [first, second] = [await enter(SHARDS), await enter({ ...SHARDS, 'model.safetensors.index.json': LOOSE })];
  expect(second.model.id).not.toBe(first.model.id);
  const shared = second.file.parts.find(({ path }) => path === SECOND);
  expect(first.file.parts).toContainEqual(shared);
  await deleteModel(admin, first.model.id);
  expect(await blobStore().has(shared?.sha256 ?? '')).toBe(true);
});

it('a file whose name is no path within a model refuses that model alone', async () => {
  const root = mkdtempSync(join(allowed, 'model '));
  writeFolder(root, { ...UNET_ALONE, 'unet/a:b.json': {} });
  const { id } = await requestImport(admin, { path: root, tags: false, dryRun: false });
  await runImport(id);
  const { state, reason } = await db().importEntry.findFirstOrThrow({ where: { importId: id } });
  expect([state, reason]).toEqual(['refused', '"unet/a:b.json" is not a path within a model.']);
});

it('pickles among its files are downloaded as safetensors, unless the originals are asked for', async () => {
  const [first, second] = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];
  const SHARDED = {
    'text_encoder/pytorch_model.bin.index.json': { metadata: {}, weight_map: { a: first, b: second } },
    [`text_encoder/${first}`]: torchFloatFile({ a: [1, 2] }),
    [`text_encoder/${second}`]: torchFloatFile({ b: [3] }),
  };
  const { 'unet/diffusion_pytorch_model.safetensors': weights, ...rest } = UNET_ALONE;
  const { file, model } = await enter({
    ...rest,
    ...SHARDED,
    'model_index.json': {
      ...UNET_ALONE['model_index.json'],
      text_encoder: ['transformers', 'CLIPTextModel'],
    },
    'text_encoder/config.json': { _class_name: 'CLIPTextModel' },
    'unet/diffusion_pytorch_model.bin': torchFloatFile({ 'conv_in.bias': [1] }),
    // The same weights twice: the safetensors is there already.
    'unet/diffusion_pytorch_model.fp16.bin': torchFloatFile({ 'conv_in.bias': [5] }),
    'unet/diffusion_pytorch_model.fp16.safetensors': weights,
  });
  expect(file.state).toBe('clean');
  const contents = async (options: { keepPickles?: boolean }) => {
    const { parts } = await findOriginal(admin, file.id, options);
    const read = async (part: NonNullable<typeof parts>[number]) =>
      'content' in part ? part.content : await buffer(blobStore().read(part.sha256));
    return new Map(await Promise.all((parts ?? []).map(async (part) => [part.path, await read(part)] as const)));
  };
  const original = await contents({ keepPickles: true });
  expect([...original.keys()]).toEqual(file.parts.map(({ path }) => path));
  const replaced = await contents({});
  expect([...replaced.keys()].sort()).toEqual([
    'model_index.json',
    'text_encoder/config.json',
    'text_encoder/model-00001-of-00002.safetensors',
    'text_encoder/model-00002-of-00002.safetensors',
    'text_encoder/model.safetensors.index.json',
    'unet/config.json',
    'unet/diffusion_pytorch_model.fp16.safetensors',
    'unet/diffusion_pytorch_model.safetensors',
  ]);
  expect(JSON.parse(String(replaced.get('text_encoder/model.safetensors.index.json'))).weight_map).toEqual({
    a: 'model-00001-of-00002.safetensors',
    b: 'model-00002-of-00002.safetensors',
  });
  // A folder that a program loads, with the same tensors.
  const root = mkdtempSync(join(allowed, 'again '));
  writeFolder(root, Object.fromEntries(replaced));
  const found = checkModel(root, { kind: 'diffusers', index: 'model_index.json', files: [...replaced.keys()] });
  expect(found.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  expect(found.tensors).toBe(3);

  const made = (await db().modelPart.findMany({ where: { fileId: file.id } })).flatMap(
    (part) => part.convertedSha256 ?? [],
  );
  expect(made).toHaveLength(4);
  await deleteModel(admin, model.id);
  for (const sha256 of made) expect(await blobStore().has(sha256)).toBe(false);
});

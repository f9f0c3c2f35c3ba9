import { expect, it } from 'vitest';
import { verdictOf } from '#scanner/index.ts';
import { checkModel, findModelAt, groupModelFiles } from '#scanner/multi-file/index.ts';
import {
  FOLDER_CASES,
  type FolderFiles,
  floatFile,
  SHARDS,
  UNET_ALONE,
  withFolder,
} from '../../fixtures/model-folders.ts';

function check(files: FolderFiles) {
  return withFolder(files, (root) => {
    const [group] = groupModelFiles(Object.keys(files));
    if (group === undefined) throw new Error('No model was found.');
    return checkModel(root, group);
  });
}

it.each(Object.entries(FOLDER_CASES))('says what is wrong: %s', (_name, { files, rule, severity, says }) => {
  const { findings } = check(files);
  const found = findings.filter((finding) => finding.rule === rule);
  expect(found.map((finding) => finding.severity)).toContain(severity);
  expect(found.map(({ message }) => message).join('\n')).toMatch(says);
});

it.each([
  ['shards', SHARDS, 3],
  ['a component', UNET_ALONE, 1],
])('finds nothing wrong with %s', (_name, files, tensors) => {
  const { findings, missing, tensors: count } = check(files);
  expect([findings, missing, count]).toEqual([[], [], tensors]);
});

it('follows links within the folder, and those of the cache of Hugging Face', () => {
  const { 'model-00002-of-00002.safetensors': second, ...rest } = SHARDS;
  const within = { ...rest, 'kept/second': second, 'model-00002-of-00002.safetensors': { link: 'kept/second' } };
  expect(check(within).findings).toEqual([]);
  const cached = Object.fromEntries(Object.entries(rest).map(([name, content]) => [`snapshots/0a/${name}`, content]));
  const findings = withFolder(
    {
      ...cached,
      'blobs/00ff': second,
      'snapshots/0a/model-00002-of-00002.safetensors': { link: '../../blobs/00ff' },
    },
    (root) => {
      const model = findModelAt(`${root}/snapshots/0a`);
      return model === null ? null : checkModel(model.root, model.group).findings;
    },
  );
  expect(findings).toEqual([]);
});

it('takes safetensors before pickles, and the plain variant before others', () => {
  const weights = (name: string) => ({ [`unet/${name}`]: floatFile({ [name]: [1] }) });
  const names = [
    'diffusion_pytorch_model.safetensors',
    'diffusion_pytorch_model.fp16.safetensors',
    'diffusion_pytorch_model.bin',
  ];
  for (let from = 0; from < names.length; from += 1) {
    const { 'unet/diffusion_pytorch_model.safetensors': _own, ...rest } = UNET_ALONE;
    const files = Object.assign({ ...rest }, ...names.slice(from).map(weights));
    expect(check(files).weights).toEqual([{ path: `unet/${names[from]}`, component: 'unet' }]);
  }
});

it('reads the shards of a component', () => {
  const { 'unet/diffusion_pytorch_model.safetensors': _own, ...rest } = UNET_ALONE;
  const shard = (number: number) => `diffusion_pytorch_model-0000${number}-of-00002.safetensors`;
  const files = {
    ...rest,
    'unet/diffusion_pytorch_model.safetensors.index.json': { weight_map: { a: shard(1), b: shard(2), lost: shard(2) } },
    [`unet/${shard(1)}`]: floatFile({ a: [1] }),
    [`unet/${shard(2)}`]: floatFile({ b: [1] }),
  };
  const { findings, weights } = check(files);
  expect(weights.map(({ path }) => path)).toEqual([`unet/${shard(1)}`, `unet/${shard(2)}`]);
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('"lost" of unet/')]);
  expect(verdictOf(findings)).toBe('incomplete');
});

it('finds models by the names of their files', () => {
  const groups = groupModelFiles([
    'readme.md',
    'a/model_index.json',
    'a/unet/diffusion_pytorch_model-00001-of-00002.safetensors',
    'a/inner/model_index.json',
    'b/model.safetensors.index.json',
    'b/model-00001-of-00002.safetensors',
    'b/pytorch_model.bin.index.json',
    'b/model.fp16-00001-of-00002.safetensors',
    'b/model.safetensors.index.fp16.json',
    'c/other-00001-of-00003.safetensors',
    'c/alone-00001-of-00001.safetensors',
  ]);
  expect(groups.map(({ kind, root, index, files }) => [kind, root, index, files.length])).toEqual([
    ['diffusers', 'a', 'model_index.json', 3],
    ['shards', 'b', 'model.safetensors.index.json', 2],
    ['shards', 'b', 'pytorch_model.bin.index.json', 1],
    ['shards', 'b', 'model.safetensors.index.fp16.json', 2],
    ['shards', 'c', null, 1],
  ]);
});

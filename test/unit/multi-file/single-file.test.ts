import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diffusersName } from '#lib/render/unet/find-network.ts';
import { listUnetNames, originalUnetName } from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/index.ts';
import { convertToSingleFile, findModelAt, openModel, readModelFolder } from '#scanner/multi-file/index.ts';
import { readTensorTable, readTensorValues } from '#scanner/tensors/index.ts';
import { type FolderFiles, floatFile, SHARDS, writeFolder } from '../../fixtures/model-folders.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighhouse several '));
});
afterEach(async () => await rm(root, { recursive: true, force: true }));

async function convert(files: FolderFiles, target = 'out.safetensors') {
  writeFolder(join(root, 'model'), files);
  const found = findModelAt(join(root, 'model'));
  if (found === null) throw new Error('No model was found.');
  using model = openModel(readModelFolder(found.root, found.group));
  return await convertToSingleFile(model, join(root, target), { metadata: { mark: 'x' } });
}

function numbersOf(path: string) {
  using source = openFileSource(path);
  const { tensors, metadata } = readTensorTable(source);
  return { numbers: new Map(tensors.map((one) => [one.name, [...(readTensorValues(source, one) ?? [])]])), metadata };
}

describe('shards become one file', () => {
  it('with the same tensors, and the digests of what they came from', async () => {
    const { tensors, sources } = await convert(SHARDS);
    const { numbers, metadata } = numbersOf(join(root, 'out.safetensors'));
    expect(tensors).toBe(3);
    expect([...numbers].sort()).toEqual([
      ['a', [1, 2, 3]],
      ['b', [4, 5]],
      ['c', [6]],
    ]);
    expect(metadata.get('mark')).toBe('x');
    expect(JSON.parse(metadata.get('weighhouse.sources') ?? '')).toEqual(sources);
    expect(Object.keys(sources)).toEqual(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
  });

  it('always with the same bytes', async () => {
    await convert(SHARDS);
    await convert({}, 'again.safetensors');
    expect(readFileSync(join(root, 'again.safetensors'))).toEqual(readFileSync(join(root, 'out.safetensors')));
  });
});

it.each(['sd1', 'sd2', 'sdxl', 'sdxl-refiner'])('names every layer of the UNet of %s as LDM does', (base) => {
  const names = listUnetNames(base) ?? new Set();
  expect(names.size).toBeGreaterThan(600);
  const hasAttention = (block: number) => names.has(`output_blocks.${block * 3 + 2}.1.norm.weight`);
  for (const name of names) {
    const module = name.slice(0, name.lastIndexOf('.'));
    const theirs = diffusersName(module);
    expect(theirs, module).not.toBe(module);
    expect(originalUnetName(theirs, hasAttention), theirs).toBe(module);
  }
});

it('has no place for modules of other networks', () => {
  for (const name of ['class_embedding.linear_1', 'encoder_hid_proj', 'down_blocks.0.motion_modules.0', 'conv_in_2'])
    expect(
      originalUnetName(name, () => false),
      name,
    ).toBeUndefined();
});

/** Just enough of a UNet of SD 1.x to be known by. */
const UNET = {
  'conv_in.weight': [320, 4, 3, 3],
  'up_blocks.1.resnets.0.conv1.weight': [4, 4, 3, 3],
  'mid_block.attentions.0.norm.weight': [4],
  'mid_block.attentions.0.norm.bias': [4],
  'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [4, 768],
};

describe('a diffusers folder that is no whole checkpoint is refused, and nothing is written', () => {
  const index = (components: object) => ({ 'model_index.json': { _class_name: 'X', ...components } });
  const unet = {
    ...index({ unet: ['diffusers', 'UNet2DConditionModel'] }),
    'unet/config.json': {},
    'unet/diffusion_pytorch_model.safetensors': shapedFile(UNET),
  };

  it.each([
    [
      'another network',
      { ...unet, 'unet/diffusion_pytorch_model.safetensors': floatFile({ 'a.weight': [1] }) },
      /Only diffusers folders of SD/,
    ],
    ['layers are missing', unet, /The component "unet" lacks tensors: time_embed\.0\.weight/],
    [
      'a layer is unknown',
      { ...unet, 'unet/diffusion_pytorch_model.safetensors': shapedFile({ ...UNET, 'odd.layer.weight': [1] }) },
      /component "unet" have no place in a single file: odd\.layer\.weight/,
    ],
  ])('%s', async (_name, files, words) => {
    await expect(convert(files)).rejects.toThrow(words);
    expect(() => readFileSync(join(root, 'out.safetensors'))).toThrow('ENOENT');
  });
});

function shapedFile(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const header: Record<string, object> = {};
  let end = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = shape.reduce((product, side) => product * side, 1);
    header[name] = { dtype: 'U8', shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(end)]);
}

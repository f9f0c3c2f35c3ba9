import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  detectLayout,
  type FoundModel,
  type LayoutName,
  type PassedOver,
  walkCollection,
} from '#lib/imports/layouts/index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weighhouse-layouts-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Files of a few bytes each; a value is the text of one. */
function write(files: readonly string[] | Record<string, string>): void {
  const texts = Array.isArray(files) ? files.map((path): [string, string] => [path, 'bytes']) : Object.entries(files);
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function walk(options: Parameters<typeof walkCollection>[1] = {}, from = root) {
  const models: FoundModel[] = [];
  const passedOver: PassedOver[] = [];
  for await (const step of walkCollection(from, options)) {
    if ('model' in step) models.push(step.model);
    else passedOver.push(step.passedOver);
  }
  return { models, passedOver };
}

/** One line a model: paths, type, tags, companions and name. */
function lineOf({ kind, files, expectedType, tags, sidecars, previews, name }: FoundModel): string {
  const besides = [...sidecars, ...previews].map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  return [
    files.map(({ path }) => path).join(' + '),
    expectedType ?? '-',
    ...(kind === 'file' ? [] : [kind]),
    ...(tags.length > 0 ? [`#${tags.join(' #')}`] : []),
    ...(besides.length > 0 ? [`(${besides.sort().join(' ')})`] : []),
    ...(name === undefined ? [] : [`"${name}"`]),
  ].join(' ');
}

const PIPELINE = JSON.stringify({
  _class_name: 'StableDiffusionPipeline',
  unet: ['diffusers', 'UNet2DConditionModel'],
  vae: ['diffusers', 'AutoencoderKL'],
  safety_checker: [null, null],
});

const TREES: {
  layout: LayoutName;
  files: readonly string[] | Record<string, string>;
  models: string[];
  passed?: string[];
}[] = [
  {
    layout: 'a1111',
    files: [
      'webui.py',
      'models/Stable-diffusion/base/sd15.safetensors',
      'models/Stable-diffusion/base/sd15.yaml',
      'models/Stable-diffusion/base/sd15.png',
      'models/Lora/Anime/Styles/ink.safetensors',
      'models/Lora/Anime/Styles/ink.civitai.info',
      'models/Lora/Anime/Styles/ink.json',
      'models/Lora/Anime/Styles/ink.preview.png',
      'models/LyCORIS/lo.safetensors',
      'models/VAE/vae-ft.pt',
      'models/VAE-approx/model.pt',
      'models/hypernetworks/h.pt',
      'models/ControlNet/canny.pth',
      'models/ESRGAN/4x.pth',
      'models/GFPGAN/GFPGANv1.4.pth',
      'embeddings/bad.pt',
      'extensions/sd-webui-controlnet/models/depth.safetensors',
      'outputs/txt2img-images/a.safetensors',
      'venv/lib/site-packages/torch/x.pt',
      'repositories/k-diffusion/.git/HEAD',
    ],
    models: [
      'embeddings/bad.pt embedding',
      'extensions/sd-webui-controlnet/models/depth.safetensors - #extensions #sd-webui-controlnet',
      'models/ControlNet/canny.pth controlnet',
      'models/ESRGAN/4x.pth upscaler',
      'models/GFPGAN/GFPGANv1.4.pth -',
      'models/Lora/Anime/Styles/ink.safetensors lora #Anime #Styles (ink.civitai.info ink.json ink.preview.png)',
      'models/LyCORIS/lo.safetensors lora',
      'models/Stable-diffusion/base/sd15.safetensors checkpoint #base (sd15.png sd15.yaml)',
      'models/VAE-approx/model.pt - "VAE-approx"',
      'models/VAE/vae-ft.pt vae',
      'models/hypernetworks/h.pt hypernetwork',
    ],
    passed: ['outputs outputs', 'repositories/k-diffusion/.git hidden', 'venv software'],
  },
  {
    layout: 'comfyui',
    files: [
      'custom_nodes/nodes.py',
      'models/checkpoints/sd15.safetensors',
      'models/diffusion_models/flux.safetensors',
      'models/unet/flux.gguf',
      'models/clip/t5.safetensors',
      'models/text_encoders/clip_l.safetensors',
      'models/clip_vision/h.safetensors',
      'models/upscale_models/4x.pth',
      'models/loras/vae/x.safetensors',
      'models/loras/vae/x.metadata.json',
      'models/loras/vae/x.webp',
      'output/loras/merged.safetensors',
      'output/2026/x.safetensors',
    ],
    models: [
      'models/checkpoints/sd15.safetensors checkpoint',
      'models/clip/t5.safetensors text-encoder',
      'models/clip_vision/h.safetensors image-encoder',
      'models/diffusion_models/flux.safetensors diffusion-model',
      'models/loras/vae/x.safetensors lora #vae (x.metadata.json x.webp)',
      'models/text_encoders/clip_l.safetensors text-encoder',
      'models/unet/flux.gguf diffusion-model',
      'models/upscale_models/4x.pth upscaler',
      'output/loras/merged.safetensors lora',
    ],
    passed: ['output/2026 outputs'],
  },
  {
    layout: 'stability-matrix',
    files: [
      'Models/StableDiffusion/a.safetensors',
      'Models/StableDiffusion/a.cm-info.json',
      'Models/StableDiffusion/a.preview.jpeg',
      'Models/StableDiffusion/lost.cm-info.json',
      'Models/Lora/b.safetensors',
      'Models/TextEncoders/c.safetensors',
      'Models/IpAdapters15/d.bin',
    ],
    models: [
      'Models/IpAdapters15/d.bin ip-adapter',
      'Models/Lora/b.safetensors lora',
      'Models/StableDiffusion/a.safetensors checkpoint (a.cm-info.json a.preview.jpeg)',
      'Models/TextEncoders/c.safetensors text-encoder',
    ],
    passed: ['Models/StableDiffusion/lost.cm-info.json no-model'],
  },
  {
    layout: 'swarmui',
    files: [
      'launch-windows.bat',
      'Models/Stable-Diffusion/OfficialStableDiffusion/x.safetensors',
      'Models/Stable-Diffusion/OfficialStableDiffusion/x.swarm.json',
      'Models/Stable-Diffusion/OfficialStableDiffusion/x.thumb.jpg',
      'Models/Embeddings/e.safetensors',
      'Models/controlnet/c.safetensors',
      'Output/local/raw/x.safetensors',
    ],
    models: [
      'Models/Embeddings/e.safetensors embedding',
      'Models/Stable-Diffusion/OfficialStableDiffusion/x.safetensors checkpoint #OfficialStableDiffusion (x.swarm.json x.thumb.jpg)',
      'Models/controlnet/c.safetensors controlnet',
    ],
    passed: ['Output outputs'],
  },
  {
    layout: 'invokeai',
    files: {
      'invokeai.yaml': 'schema_version: 4',
      'models/sdxl/lora/ink.safetensors': 'bytes',
      'models/sd-1/main/dreamy/model_index.json': PIPELINE,
      'models/sd-1/main/dreamy/unet/config.json': '{}',
      'models/sd-1/main/dreamy/unet/diffusion_pytorch_model.safetensors': 'bytes',
      'models/sd-1/main/dreamy/vae/diffusion_pytorch_model.safetensors': 'bytes',
      'models/0a1b2c3d-0000-4000-8000-0123456789ab/neg.safetensors': 'bytes',
      'autoimport/lora/other.safetensors': 'bytes',
      'models/.download_cache/x/y.safetensors': 'bytes',
    },
    models: [
      'autoimport/lora/other.safetensors lora',
      'models/0a1b2c3d-0000-4000-8000-0123456789ab/neg.safetensors -',
      'models/sd-1/main/dreamy/model_index.json + models/sd-1/main/dreamy/unet/config.json + models/sd-1/main/dreamy/unet/diffusion_pytorch_model.safetensors + models/sd-1/main/dreamy/vae/diffusion_pytorch_model.safetensors checkpoint diffusers "dreamy"',
      'models/sdxl/lora/ink.safetensors lora',
    ],
    passed: ['models/.download_cache hidden'],
  },
  {
    layout: 'plain',
    files: {
      'pipes/mine/model_index.json': PIPELINE,
      'pipes/mine/unet/diffusion_pytorch_model.safetensors': 'bytes',
      'pipes/mine/vae/diffusion_pytorch_model.safetensors': 'bytes',
      'pipes/mine/whole.safetensors': 'bytes',
      'pipes/mine.preview.png': 'bytes',
      'pipes/broken/model_index.json': '{',
      'pipes/half/model_index.json': PIPELINE,
      'pipes/half/vae/diffusion_pytorch_model.safetensors': 'bytes',
      'canny/config.json': '{}',
      'canny/diffusion_pytorch_model.fp16.safetensors': 'bytes',
      't5/config.json': '{}',
      'bare/config.json': '{}',
      'bare/a.safetensors': 'bytes',
      't5/model-00001-of-00002.safetensors': 'bytes',
      't5/model-00002-of-00002.safetensors': 'bytes',
      't5/model.safetensors.index.json': JSON.stringify({
        weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
      }),
      'gguf/q-00001-of-00002.gguf': 'bytes',
      'gguf/q-00002-of-00002.gguf': 'bytes',
      'gguf/r-00001-of-00003.gguf': 'bytes',
      'evil/x.safetensors.index.json': JSON.stringify({ weight_map: { a: '../../../etc/passwd' } }),
      'My LoRAs/Flux/a.safetensors': 'bytes',
      'Lora/Characters/A.safetensors': 'bytes',
      'Lora/Characters/a.safetensors': 'bytes',
      'Lora/Characters/A.png': 'bytes',
      'Lora/Characters/b.preview.safetensors': 'bytes',
      'Lora/Characters/b.preview.png': 'bytes',
    },
    models: [
      'Lora/Characters/A.safetensors lora #Characters (A.png)',
      'Lora/Characters/a.safetensors lora #Characters',
      'Lora/Characters/b.preview.safetensors lora #Characters (b.preview.png)',
      'My LoRAs/Flux/a.safetensors - #My LoRAs #Flux',
      'bare/a.safetensors - #bare',
      'canny/diffusion_pytorch_model.fp16.safetensors - (config.json) "canny"',
      'gguf/q-00001-of-00002.gguf + gguf/q-00002-of-00002.gguf - shards #gguf "q"',
      'pipes/mine/model_index.json + pipes/mine/unet/diffusion_pytorch_model.safetensors + pipes/mine/vae/diffusion_pytorch_model.safetensors checkpoint diffusers #pipes (mine.preview.png) "mine"',
      'pipes/mine/whole.safetensors - #pipes #mine',
      't5/model.safetensors.index.json + t5/model-00001-of-00002.safetensors + t5/model-00002-of-00002.safetensors + t5/config.json text-encoder shards "t5"',
    ],
    passed: [
      'evil/x.safetensors.index.json bad-index',
      'gguf/r-00001-of-00003.gguf shards-missing',
      'pipes/broken/model_index.json bad-index',
      'pipes/half/model_index.json shards-missing',
    ],
  },
];

describe.each(TREES)('a $layout folder', ({ layout, files, models, passed = [] }) => {
  it('is recognised, with types, tags and companion files', async () => {
    write(files);
    expect(await detectLayout(root)).toBe(layout);
    const found = await walk();
    expect(found.models.map(lineOf).sort()).toEqual(models);
    expect(found.passedOver.map(({ path, why }) => `${path} ${why}`).sort()).toEqual(passed);
  });
});

/** What is found, a line each, and what is passed over with why. */
async function linesOf(options: Parameters<typeof walkCollection>[1] = {}, from = root) {
  const { models, passedOver } = await walk(options, from);
  return { models: models.map(lineOf).sort(), passed: passedOver.map(({ path, why }) => `${path} ${why}`).sort() };
}

describe('extra_model_paths.yaml', () => {
  const yaml = (base: string) => `
# a comment
a111:
    base_path: ${base}
    checkpoints: models/Stable-diffusion
    loras: |
         models/Lora
         models/LyCORIS
    custom_nodes: nodes
comfyui:
    base_path: .
    upscale_models: big ones
empty:
`;
  const files = { 'models/Lora/a.safetensors': 'x', 'models/LyCORIS/s/b.safetensors': 'x', 'nodes/n.pt': 'x' };

  it('names types of folders below, and folders elsewhere that are allowed', async () => {
    write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`webui/${path}`, text])));
    write({
      'comfy/custom_nodes/x.py': 'x',
      'comfy/big ones/u.pth': 'x',
      'comfy/extra_model_paths.yaml': yaml('../webui'),
    });
    const real = realpathSync(root);
    expect(await linesOf({ allowedRoots: [root] }, join(real, 'comfy'))).toEqual({
      models: [
        `${real}/webui/models/Lora/a.safetensors lora`,
        `${real}/webui/models/LyCORIS/s/b.safetensors lora #s`,
        'big ones/u.pth upscaler',
      ],
      passed: [],
    });
    const { models, passed } = await linesOf({}, join(real, 'comfy'));
    expect(models).toEqual(['big ones/u.pth upscaler']);
    expect(passed).toEqual([`${real}/webui/models/Lora outside-roots`, `${real}/webui/models/LyCORIS outside-roots`]);
  });

  it.each(['a: [', 'a: &a [x]\nb: [*a'.repeat(3), '- 1'])('%j is passed over, and the rest is walked', async (text) => {
    write({ 'extra_model_paths.yaml': text, 'models/loras/a.safetensors': 'x' });
    expect(await linesOf()).toEqual({
      models: ['models/loras/a.safetensors lora'],
      passed: ['extra_model_paths.yaml bad-settings'],
    });
  });
});

it('names and types of InvokeAI come from its database, models in place included', async () => {
  const key = '0a1b2c3d-0000-4000-8000-0123456789ab';
  write({ [`invoke/models/${key}/f.safetensors`]: 'x', 'nas/in-place.safetensors': 'x', 'nas/other.safetensors': 'x' });
  write({ 'invoke/invokeai.yaml': 'x', 'nas/in-place.preview.png': 'x', 'invoke/databases/readme': 'x' });
  const nas = join(realpathSync(root), 'nas');
  const database = new DatabaseSync(join(root, 'invoke/databases/invokeai.db'));
  database.exec('CREATE TABLE models (id TEXT PRIMARY KEY, config TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO models VALUES (?, ?)');
  insert.run('1', JSON.stringify({ name: 'My Main', type: 'main', path: `${key}/f.safetensors` }));
  insert.run('2', JSON.stringify({ name: 'In place', type: 'lora', path: `${nas}/in-place.safetensors` }));
  insert.run('3', JSON.stringify({ name: 'No path' }));
  database.close();
  expect(await linesOf({ allowedRoots: [root] }, join(root, 'invoke'))).toEqual({
    models: [
      `${nas}/in-place.safetensors lora (in-place.preview.png) "In place"`,
      `models/${key}/f.safetensors checkpoint "My Main"`,
    ],
    passed: [],
  });
  expect((await linesOf({}, join(root, 'invoke'))).passed).toEqual([`${nas}/in-place.safetensors outside-roots`]);
});

it('files of a Hugging Face cache are found once, under the name of their repository', async () => {
  const repository = 'hub/models--org--Ink-XL';
  write([`${repository}/blobs/aa`, `${repository}/blobs/bb`, `${repository}/refs/main`]);
  for (const revision of ['1'.repeat(40), '2'.repeat(40)]) {
    mkdirSync(join(root, repository, 'snapshots', revision, 'vae'), { recursive: true });
    const at = (name: string) => join(root, repository, 'snapshots', revision, name);
    symlinkSync('../../blobs/aa', at('model.safetensors'));
    symlinkSync('../../../blobs/bb', at('vae/diffusion_pytorch_model.safetensors'));
  }
  const first = `models--org--Ink-XL/snapshots/${'1'.repeat(40)}`;
  const second = first.replace(/1{40}/, '2'.repeat(40));
  expect(await detectLayout(join(root, 'hub'))).toBe('huggingface-cache');
  expect(await linesOf({}, join(root, 'hub'))).toEqual({
    models: [
      `${first}/model.safetensors - "Ink-XL"`,
      `${first}/vae/diffusion_pytorch_model.safetensors vae "Ink-XL vae"`,
    ],
    passed: [`${second}/model.safetensors link-seen`, `${second}/vae/diffusion_pytorch_model.safetensors link-seen`],
  });
});

it('links are followed inside of the root and of allowed folders, and never in circles', async () => {
  write(['in/loras/a.safetensors', 'in/.store/b.safetensors', 'nas/c.safetensors', 'nas/deep/d.safetensors']);
  const link = (from: string, to: string) => symlinkSync(to, join(root, from));
  link('in/loras/up', '../..');
  link('in/loras/self', '.');
  link('in/again', 'loras');
  link('in/vae', '.store');
  link('in/nas', join(root, 'nas'));
  link('nas/back', join(root, 'in'));
  link('in/gone.safetensors', 'nowhere');
  link('in/ring.safetensors', 'ring.safetensors');
  link('in/passwd.ckpt', '/etc/passwd');
  const from = join(root, 'in');
  const always = ['.store hidden', 'again link-seen', 'gone.safetensors link-broken', 'loras/self link-loop'];
  const end = ['passwd.ckpt link-outside', 'ring.safetensors link-loop'];
  expect(await linesOf({ allowedRoots: [join(root, 'nas')] }, from)).toEqual({
    models: [
      'loras/a.safetensors lora',
      'nas/c.safetensors - #nas',
      'nas/deep/d.safetensors - #nas #deep',
      'vae/b.safetensors vae',
    ],
    passed: [...always, 'loras/up link-outside', 'nas/back link-seen', ...end].sort(),
  });
  const alone = await linesOf({}, from);
  expect(alone.models).toEqual(['loras/a.safetensors lora', 'vae/b.safetensors vae']);
  expect(alone.passed).toEqual([...always, 'loras/up link-outside', 'nas link-outside', ...end].sort());
});

it('what cannot be a model is passed over with the reason', async () => {
  write(['a.safetensors', 'b.safetensors', 'b.safetensors.aria2', 'c.ckpt.part', 'd.PT.crdownload', '._a.safetensors']);
  write(['data.zip', 'notes.txt', 'img.png', '#recycle/x.pt', '@eaDir/a.pt', 'env/pyvenv.cfg', 'env/lib/x.pt']);
  write({ 'empty.safetensors': '', 'node_modules/x.pt': 'x', 'a.preview.png': '' });
  writeFileSync(Buffer.concat([Buffer.from(join(root, 'bad')), Buffer.from([0xff]), Buffer.from('.pt')]), 'x');
  mkdirSync(join(root, 'folder.safetensors'));
  mkdirSync(join(root, 'locked'));
  chmodSync(join(root, 'locked'), 0o000);
  const { models, passed } = await linesOf();
  chmodSync(join(root, 'locked'), 0o700);
  expect(models).toEqual(['a.safetensors -']);
  expect(passed.filter((line) => line !== 'locked unreadable')).toEqual(
    [
      '#recycle trash',
      '._a.safetensors hidden',
      '@eaDir trash',
      'b.safetensors unfinished',
      'b.safetensors.aria2 unfinished',
      'bad\uFFFD.pt invalid-name',
      'c.ckpt.part unfinished',
      'd.PT.crdownload unfinished',
      'data.zip other-ending',
      'empty.safetensors empty',
      'env software',
      'node_modules software',
    ].sort(),
  );
  if (process.getuid?.() !== 0) expect(passed).toContain('locked unreadable');
});

it('depth, number and a signal end a walk', async () => {
  write(['a/b/c/d.safetensors', 'x.safetensors']);
  expect(await linesOf({ maxDepth: 1 })).toEqual({ models: ['x.safetensors -'], passed: ['a/b too-deep'] });
  expect((await linesOf({ maxEntries: 2 })).passed).toEqual(['a too-many']);
  await expect(walk({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  await expect(walk({}, join(root, 'nowhere'))).rejects.toThrow('ENOENT');
});

it('says size, time and inode of what it finds', async () => {
  write(['a.safetensors']);
  const { models } = await walk();
  const [file] = models[0]?.files ?? [];
  expect(file).toMatchObject({ path: 'a.safetensors', size: 5 });
  expect(file?.inode).toBeTypeOf('bigint');
  expect(Math.abs((file?.mtimeMs ?? 0) - Date.now())).toBeLessThan(3_600_000);
  expect(Number((file?.mtimeNs ?? 0n) / 1_000_000n)).toBe(file?.mtimeMs);
});

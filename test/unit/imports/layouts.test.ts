import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
    ],
    models: [
      'models/checkpoints/sd15.safetensors checkpoint',
      'models/clip/t5.safetensors text-encoder',
      'models/clip_vision/h.safetensors -',
      'models/diffusion_models/flux.safetensors diffusion-model',
      'models/loras/vae/x.safetensors lora #vae (x.metadata.json x.webp)',
      'models/text_encoders/clip_l.safetensors text-encoder',
      'models/unet/flux.gguf diffusion-model',
      'models/upscale_models/4x.pth upscaler',
    ],
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
      'canny/diffusion_pytorch_model.fp16.safetensors - "canny"',
      'gguf/q-00001-of-00002.gguf + gguf/q-00002-of-00002.gguf - shards #gguf "q"',
      'pipes/mine/model_index.json + pipes/mine/unet/diffusion_pytorch_model.safetensors + pipes/mine/vae/diffusion_pytorch_model.safetensors checkpoint diffusers #pipes (mine.preview.png) "mine"',
      'pipes/mine/whole.safetensors - #pipes #mine',
      't5/model.safetensors.index.json + t5/model-00001-of-00002.safetensors + t5/model-00002-of-00002.safetensors text-encoder shards "t5"',
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

import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type PictureMetadata, readMetadata } from '#lib/pictures/index.ts';
import { decodeUserComment } from '#lib/pictures/user-comment.ts';
import { exifWith, INFOTEXT, jpegWith, makePicture, open, pngWith } from './make.ts';

const plain = open(makePicture(16, 12));
const jpeg = await plain.clone().jpeg().toBuffer();
const parametersOf = async (texts: Record<string, string>) => (await readMetadata(await pngWith(texts)))?.parameters;

describe('infotext', () => {
  it.each([
    ['v1.10.1', 'A1111'],
    ['1.6.0', 'A1111'],
    ['f2.0.1v1.10.1-previous-659-gc055f2d4', 'Forge'],
    ['Weighhouse 0.1.0', 'Weighhouse'],
    ['stable-diffusion.cpp', 'stable-diffusion.cpp'],
    ['ComfyUI', 'ComfyUI'],
    ['something else', 'Other'],
  ])('with the version %s is by %s', async (version, generator) => {
    const raw = `cät 猫\nSteps: 20, Sampler: Euler, Seed: 5, Version: ${version}`;
    const read = await readMetadata(await pngWith({ parameters: raw }));
    expect(read).toMatchObject({ generator, raw, parameters: { prompt: 'cät 猫', seed: '5', version } });
  });

  const unicode = (text: string, order: 'le' | 'be') => {
    const encoded = Buffer.from(text, 'utf16le');
    return Buffer.concat([Buffer.from('UNICODE\0', 'latin1'), order === 'le' ? encoded : encoded.swap16()]);
  };
  const text = INFOTEXT.replace('fox', 'füchsin 猫 🦊');
  const ascii = Buffer.from('ASCII\0\0\0', 'latin1');
  it.each([
    ['UTF-16 big endian in a big-endian block, as A1111', exifWith(unicode(text, 'be'), 'MM')],
    ['UTF-16 big endian in a little-endian block', exifWith(unicode(text, 'be'), 'II')],
    ['UTF-16 little endian', exifWith(unicode(text, 'le'), 'II')],
    ['UTF-16 little endian in a big-endian block', exifWith(unicode(text, 'le'), 'MM')],
    ['UTF-16 with a mark', exifWith(unicode(`\ufeff${text}`, 'le'), 'MM')],
    ['UTF-8 under the name of Unicode', exifWith(Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(text)]), 'MM')],
    ['UTF-8 under the name of ASCII', exifWith(Buffer.concat([ascii, Buffer.from(text)]), 'II')],
    ['UTF-8 without a name', exifWith(Buffer.concat([Buffer.alloc(8), Buffer.from(text)]), 'II')],
    ['UTF-8 without the eight bytes', exifWith(Buffer.from(text), 'II')],
  ])('is read from EXIF: %s', async (_, exif) => {
    const read = await readMetadata(jpegWith(jpeg, exif));
    expect(read?.raw).toBe(text);
    expect(read?.parameters.prompt).toContain('füchsin 猫 🦊');
  });

  it.each(['jpeg', 'webp', 'avif', 'png'] as const)('is read from the EXIF of a %s', async (format) => {
    const exif = { IFD2: { UserComment: 'a cat\nSteps: 20, Sampler: Euler, Seed: 5' } };
    const read = await readMetadata(await plain.clone().withExif(exif).toFormat(format).toBuffer());
    expect(read?.parameters).toMatchObject({ prompt: 'a cat', steps: 20, seed: '5' });
  });

  it('is not what a camera writes', async () => {
    const exif = { IFD0: { Make: 'Camera', Model: 'One' }, IFD2: { UserComment: 'in the garden, 12:30' } };
    expect(await readMetadata(await plain.clone().withExif(exif).jpeg().toBuffer())).toBeNull();
    expect(await readMetadata(jpeg)).toBeNull();
    expect(await parametersOf({ parameters: 'no settings', Comment: 'x' })).toBeUndefined();
  });

  it('decodes no comment with an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (noise, order) => {
        decodeUserComment(Buffer.from(noise), order);
        decodeUserComment(Buffer.concat([Buffer.from('UNICODE\0'), noise]), order);
      }),
    );
  });
});

describe('ComfyUI', () => {
  const node = (class_type: string, inputs: object) => ({ class_type, inputs, _meta: { title: class_type } });
  const simple = {
    3: node('KSampler', {
      seed: 156680208700286,
      steps: 20,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['11', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    }),
    4: node('CheckpointLoaderSimple', { ckpt_name: 'sd15\\dream.v8.safetensors' }),
    5: node('EmptyLatentImage', { width: 512, height: 768, batch_size: 1 }),
    6: node('CLIPTextEncode', { text: 'a fox in the snow', clip: ['12', 0] }),
    7: node('CLIPTextEncode', { text: 'blurry', clip: ['12', 0] }),
    8: node('VAEDecode', { samples: ['3', 0], vae: ['13', 0] }),
    9: node('SaveImage', { filename_prefix: 'x', images: ['8', 0] }),
    10: node('LoraLoader', {
      lora_name: 'a/detail.safetensors',
      strength_model: 0.8,
      strength_clip: 0.5,
      model: ['4', 0],
      clip: ['4', 1],
    }),
    11: node('LoraLoader', {
      lora_name: 'style.safetensors',
      strength_model: 1,
      strength_clip: 1,
      model: ['10', 0],
      clip: ['10', 1],
    }),
    12: node('CLIPSetLastLayer', { stop_at_clip_layer: -2, clip: ['11', 1] }),
    13: node('VAELoader', { vae_name: 'sharp.vae.pt' }),
  };
  const known = {
    prompt: 'a fox in the snow',
    negativePrompt: 'blurry',
    seed: '156680208700286',
    steps: 20,
    cfgScale: 8,
    sampler: 'euler',
    scheduler: 'normal',
    width: 512,
    height: 768,
    model: 'dream.v8',
    vae: 'sharp.vae',
    clipSkip: 2,
    loras: [
      { name: 'detail', weight: 0.8, textWeight: 0.5, hash: null },
      { name: 'style', weight: 1, textWeight: null, hash: null },
    ],
  };

  it('is read from its graph', async () => {
    const prompt = JSON.stringify(simple);
    const read = await readMetadata(await pngWith({ prompt, workflow: '{"nodes":[]}' }));
    expect(read).toMatchObject({ generator: 'ComfyUI', raw: prompt, parameters: known });
  });

  it('is read from WebP, where it stands in tags of cameras', async () => {
    const exif = { IFD0: { Make: 'workflow:{"nodes":[]}', Model: `prompt:${JSON.stringify(simple)}` } };
    const read = await readMetadata(await plain.clone().withExif(exif).webp().toBuffer());
    expect(read).toMatchObject({ generator: 'ComfyUI', parameters: known });
  });

  it('is read though Python wrote NaN into it, and with all digits of a seed', async () => {
    const big = { ...simple, 3: node('KSampler', { ...simple[3].inputs, seed: 'BIG' }), 20: { is_changed: ['N'] } };
    const prompt = JSON.stringify(big).replace('"BIG"', '18446744073709551615').replace('"N"', 'NaN');
    expect(await parametersOf({ prompt })).toMatchObject({ ...known, seed: '18446744073709551615' });
  });

  it('is read through nodes that hold a value or a text, and a control net', async () => {
    const prompt = JSON.stringify({
      ...simple,
      3: node('KSampler', {
        ...simple[3].inputs,
        seed: ['30', 0],
        steps: ['31', 0],
        positive: ['32', 0],
        negative: ['32', 1],
      }),
      6: node('CLIPTextEncode', { text: ['33', 0], clip: ['12', 0] }),
      30: node('Seed (rgthree)', { seed: 99 }),
      31: node('PrimitiveInt', { value: 12 }),
      32: node('ControlNetApplyAdvanced', { positive: ['6', 0], negative: ['7', 0], image: ['34', 0], strength: 1 }),
      33: node('StringConstant', { string: 'from elsewhere' }),
      34: node('LoadImage', { image: 'pose.png', text: 'not a prompt' }),
    });
    expect(await parametersOf({ prompt })).toMatchObject({
      ...known,
      prompt: 'from elsewhere',
      negativePrompt: 'blurry',
      seed: '99',
      steps: 12,
    });
  });

  it('is read where one node holds both texts', async () => {
    const prompt = JSON.stringify({
      1: node('Efficient Loader', {
        ckpt_name: 'dream.ckpt',
        positive: 'a fox',
        negative: 'blurry',
        empty_latent_width: 512,
      }),
      2: node('KSampler (Efficient)', {
        seed: 3,
        steps: 9,
        model: ['1', 0],
        positive: ['1', 1],
        negative: ['1', 2],
        latent_image: ['1', 3],
      }),
    });
    const read = { prompt: 'a fox', negativePrompt: 'blurry', model: 'dream', seed: '3', steps: 9 };
    expect(await parametersOf({ prompt })).toMatchObject(read);
  });

  it('is read with a schedule of its own, as for FLUX', async () => {
    const prompt = JSON.stringify({
      1: node('UNETLoader', { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' }),
      2: node('CLIPTextEncodeFlux', { clip_l: 'a fox', t5xxl: 'a fox in the snow', guidance: 3.5, clip: ['9', 0] }),
      3: node('BasicGuider', { model: ['1', 0], conditioning: ['2', 0] }),
      4: node('BasicScheduler', { model: ['1', 0], scheduler: 'simple', steps: 8, denoise: 1 }),
      5: node('KSamplerSelect', { sampler_name: 'euler' }),
      6: node('RandomNoise', { noise_seed: 7 }),
      7: node('EmptySD3LatentImage', { width: 1024, height: 1024, batch_size: 1 }),
      8: node('SamplerCustomAdvanced', {
        noise: ['6', 0],
        guider: ['3', 0],
        sampler: ['5', 0],
        sigmas: ['4', 0],
        latent_image: ['7', 0],
      }),
      10: node('VAEDecode', { samples: ['8', 0] }),
      11: node('PreviewImage', { images: ['10', 0] }),
    });
    expect(await parametersOf({ prompt })).toMatchObject({
      prompt: 'a fox\na fox in the snow',
      negativePrompt: '',
      seed: '7',
      steps: 8,
      sampler: 'euler',
      scheduler: 'simple',
      model: 'flux1-dev',
      width: 1024,
    });
  });

  it('takes of two samplers in a row the one that began from noise', async () => {
    const second = node('KSampler', { ...simple[3].inputs, seed: 1, denoise: 0.4, latent_image: ['3', 0] });
    const prompt = JSON.stringify({ ...simple, 8: node('VAEDecode', { samples: ['40', 0] }), 40: second });
    expect(await parametersOf({ prompt })).toMatchObject(known);
  });

  it('is known by its workflow alone', async () => {
    const read = await readMetadata(await pngWith({ workflow: '{"nodes":[{"id":1}],"links":[]}' }));
    expect(read).toMatchObject({ generator: 'ComfyUI', parameters: { prompt: '', seed: null } });
  });

  it('gives infotext the way where a node has written that too', async () => {
    const read = await readMetadata(await pngWith({ parameters: INFOTEXT, prompt: JSON.stringify(simple) }));
    expect(read?.raw).toBe(INFOTEXT);
  });

  it('ends on graphs that lead nowhere or round in circles', async () => {
    const loop = {
      1: node('KSampler', { positive: ['1', 0], model: ['2', 0], latent_image: ['1', 0], seed: ['2', 0] }),
    };
    const round = { ...loop, 2: node('SaveImage', { images: ['1', 0], model: ['2', 0], seed: ['2', 0] }) };
    expect(await parametersOf({ prompt: JSON.stringify(round) })).toMatchObject({ prompt: '', seed: null });
    const wide = Object.fromEntries(
      Array.from({ length: 5000 }, (_, id) => [
        id,
        node('SaveImageSampler', {
          positive: [String((id + 1) % 5000), 0],
          ...Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`i${at}`, [String((id * 80 + at) % 5000), 0]])),
        }),
      ]),
    );
    expect(await parametersOf({ prompt: JSON.stringify(wide) })).toMatchObject({ seed: null });
  });
});

describe('SwarmUI', () => {
  it('is read from its JSON', async () => {
    const raw = JSON.stringify({
      sui_image_params: {
        prompt: 'a cat',
        negativeprompt: 'dog',
        model: 'Official/sd_xl_base_1.0',
        seed: 1,
        steps: 20,
        cfgscale: 7.5,
        width: 1024,
        height: 768,
        sampler: 'dpmpp_2m',
        scheduler: 'karras',
        clipstopatlayer: -2,
        loras: ['styles/ink', 'detail'],
        loraweights: ['0.8', '1.1'],
        swarm_version: '0.9.6.2',
      },
      sui_models: [
        { name: 'sd_xl_base_1.0.safetensors', param: 'model', hash: '0xD7A9' },
        { name: 'styles/ink.safetensors', param: 'loras', hash: '0xbeef' },
      ],
    });
    expect(await readMetadata(await pngWith({ parameters: raw }))).toMatchObject({
      generator: 'SwarmUI',
      raw,
      parameters: {
        prompt: 'a cat',
        negativePrompt: 'dog',
        model: 'sd_xl_base_1.0',
        modelHash: 'd7a9',
        seed: '1',
        steps: 20,
        cfgScale: 7.5,
        width: 1024,
        height: 768,
        sampler: 'dpmpp_2m',
        scheduler: 'karras',
        clipSkip: 2,
        loras: [
          { name: 'ink', weight: 0.8, hash: 'beef' },
          { name: 'detail', weight: 1.1, hash: null },
        ],
        version: '0.9.6.2',
      },
    });
  });

  it('is not every text that begins with a bracket', async () => {
    const text = '{red|grey} fox\nSteps: 20, Sampler: Euler, Seed: 1, Version: v1.10.1';
    expect(await readMetadata(await pngWith({ parameters: text }))).toMatchObject({ generator: 'A1111' });
  });
});

describe('InvokeAI', () => {
  it('is read as version 3 and later write it', async () => {
    const invokeai_metadata = JSON.stringify({
      app_version: '5.4.2',
      generation_mode: 'sdxl_txt2img',
      positive_prompt: 'a cat',
      negative_prompt: 'dog',
      width: 1024,
      height: 512,
      seed: 2713519384,
      cfg_scale: 7.5,
      steps: 30,
      scheduler: 'dpmpp_2m_k',
      clip_skip: 1,
      model: { key: 'x', hash: 'blake3:ABCD', name: 'Juggernaut XL', base: 'sdxl', type: 'main' },
      vae: { model_name: 'sdxl-vae' },
      loras: [
        { model: { name: 'ink', hash: 'blake3:1234' }, weight: 0.75 },
        { lora: { model_name: 'old' }, weight: 1 },
      ],
    });
    expect(await readMetadata(await pngWith({ invokeai_metadata }))).toMatchObject({
      generator: 'InvokeAI',
      parameters: {
        prompt: 'a cat',
        negativePrompt: 'dog',
        seed: '2713519384',
        sampler: 'dpmpp_2m_k',
        model: 'Juggernaut XL',
        modelHash: 'abcd',
        vae: 'sdxl-vae',
        clipSkip: 2,
        loras: [
          { name: 'ink', weight: 0.75, hash: '1234' },
          { name: 'old', weight: 1, hash: null },
        ],
      },
    });
  });

  it('is read as version 2 wrote it, its negative words in brackets', async () => {
    const image = {
      prompt: [{ prompt: 'a cat [blurry, low] on a mat [dog]', weight: 1 }],
      steps: 50,
      cfg_scale: 7.5,
      seed: 42,
      width: 512,
      height: 640,
      sampler: 'k_lms',
    };
    const metadata = {
      model: 'stable diffusion',
      model_weights: 'sd-1.5',
      model_hash: 'CC6CB2',
      app_version: '2.3.5',
      image,
    };
    expect(await parametersOf({ 'sd-metadata': JSON.stringify(metadata) })).toMatchObject({
      prompt: 'a cat on a mat',
      negativePrompt: 'blurry, low, dog',
      steps: 50,
      seed: '42',
      height: 640,
      model: 'sd-1.5',
      modelHash: 'cc6cb2',
    });
  });

  it('is read as its first versions wrote it', async () => {
    const Dream = '"a "big" cat [dog]" -s 50 -S3915 -W 512 -H 640 -C 7.5 -A k_lms';
    expect(await parametersOf({ Dream })).toMatchObject({
      prompt: 'a "big" cat',
      negativePrompt: 'dog',
      steps: 50,
      seed: '3915',
      width: 512,
      height: 640,
      cfgScale: 7.5,
      sampler: 'k_lms',
    });
  });
});

describe('JSON made to wear the reader out', () => {
  const million = 1_000_000;
  it.each([
    ['a million levels', `{"a":${'['.repeat(million)}${']'.repeat(million)}}`],
    ['levels of objects', `${'{"a":'.repeat(million)}1${'}'.repeat(million)}`],
    ['no end', `{"a":"${'\\"'.repeat(million)}`],
    ['a million spaces', `${' '.repeat(million)}{}`],
    ['NaN a million times', `{"a":[${'NaN,'.repeat(million)}`],
    ['more characters than are read', `{"a":"${'x'.repeat(9 * million)}"}`],
    ['a list', '[1]'],
    ['null', 'null'],
  ])('%s', async (_, json) => {
    for (const keyword of ['parameters', 'prompt', 'invokeai_metadata', 'sd-metadata'])
      expect(await readMetadata(await pngWith({ [keyword]: json }))).toBeNull();
  });

  it('and any values in place of those that are meant', async () => {
    const keys = [
      'sui_image_params',
      'sui_models',
      'model',
      'loras',
      'image',
      'prompt',
      'seed',
      'nodes',
      'class_type',
      'inputs',
    ];
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, 'KSampler', 'x', 1, -1, 1e300),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys, '__proto__', '1', '2', 'positive'), tie('value'), { maxKeys: 5 }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(
        json,
        fc.constantFrom('parameters', 'prompt', 'invokeai_metadata', 'sd-metadata'),
        async (value, keyword) => {
          const read: PictureMetadata | null = await readMetadata(await pngWith({ [keyword]: JSON.stringify(value) }));
          if (read !== null) expect(read.raw).toBe(JSON.stringify(value));
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('says of bytes that are no picture why they are not taken', async () => {
  await expect(readMetadata(Buffer.from('GIF89a....'))).rejects.toMatchObject({ code: 'unsupported' });
  await expect(
    readMetadata(
      await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
        .gif()
        .toBuffer(),
    ),
  ).rejects.toThrow('a GIF');
});

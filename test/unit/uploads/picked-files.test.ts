import { describe, expect, it } from 'vitest';
import { pickFiles, readComponents } from '#app/upload/picked-files.ts';

const GIB = 1024 ** 3;
const at = (path: string, size = 100) => ({ path, size, name: path.split('/').at(-1) ?? '' });
const pick = (...files: ReturnType<typeof at>[]) => {
  const { files: sent, passedOver } = pickFiles(files, 8 * GIB);
  return { sent: sent.map(({ path }) => path), passedOver };
};

describe('files selected for an upload', () => {
  it('are of a folder the model files and the companion files of these', () => {
    const { sent, passedOver } = pick(
      at('/models/lora/Style.safetensors'),
      at('/models/lora/style.preview.png'),
      at('/models/lora/Style.civitai.info'),
      at('/models/lora/holiday.png'),
      at('/models/other/style.json'),
      at('/models/readme.txt'),
      at('/models/backup.zip'),
      at('/models/base.safetensors.crdownload'),
      at('/models/base.safetensors.part'),
      at('/models/empty.ckpt', 0),
      at('/models/huge.ckpt', 9 * GIB),
    );
    expect(sent).toEqual([
      '/models/lora/Style.safetensors',
      '/models/lora/style.preview.png',
      '/models/lora/Style.civitai.info',
    ]);
    expect(passedOver.map(({ path }) => path)).toEqual([
      'models/lora/holiday.png',
      'models/other/style.json',
      'models/readme.txt',
      'models/backup.zip',
      'models/base.safetensors.crdownload',
      'models/base.safetensors.part',
      'models/empty.ckpt',
      'models/huge.ckpt',
    ]);
    const reasons = Object.fromEntries(passedOver.map(({ path, reason }) => [path, reason]));
    expect(reasons['models/lora/holiday.png']).toMatch(/no model file with the same name/i);
    expect(reasons['models/readme.txt']).toMatch(/not a model file/i);
    expect(reasons['models/backup.zip']).toMatch(/\.zip/);
    expect(reasons['models/base.safetensors.crdownload']).toMatch(/unfinished Chrome download/);
    expect(reasons['models/empty.ckpt']).toMatch(/empty/);
    expect(reasons['models/huge.ckpt']).toMatch(/upload limit of 8/);
  });

  it('are one model each of diffusers folders and shards', () => {
    const selected = [
      at('/sd/model_index.json'),
      at('/sd/unet/config.json'),
      at('/sd/unet/diffusion_pytorch_model.safetensors'),
      at('/sd/unet/empty.txt', 0),
      at('/sd/README.md'),
      at('/sd/sd-pruned.safetensors'),
      at('/sd/extras/notes.txt'),
      at('/llm/model.safetensors.index.json'),
      at('/llm/model-00001-of-00002.safetensors'),
      at('/llm/model-00002-of-00002.safetensors'),
      at('/llm/model-00002-of-00002.json'),
      at('/big/flux-00001-of-00002.safetensors'),
      at('/big/flux-00002-of-00002.safetensors', 9 * GIB),
      at('/bad/model_index.json'),
    ];
    const components = new Map([
      ['sd/model_index.json', readComponents('{"_class_name": "X", "unet": ["diffusers", "U"], "vae": [null, null]}')],
      ['bad/model_index.json', readComponents('[]')],
    ]);
    const { files, models, passedOver } = pickFiles(selected, 8 * GIB, components);
    expect(files.map(({ path }) => path)).toEqual(['/sd/sd-pruned.safetensors']);
    expect(models.map(({ name, layout, files: parts }) => [name, layout, parts.map(({ path }) => path)])).toEqual([
      ['sd', 'diffusers', ['model_index.json', 'unet/config.json', 'unet/diffusion_pytorch_model.safetensors']],
      [
        'llm',
        'shards',
        ['model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'],
      ],
    ]);
    expect(passedOver.map(({ path }) => path).sort()).toEqual(
      [
        'bad/model_index.json',
        'big/flux-00001-of-00002.safetensors',
        'llm/model-00002-of-00002.json',
        'sd/README.md',
        'sd/extras/notes.txt',
      ].sort(),
    );
  });

  it('are all those that were selected themselves, whatever they are called', () => {
    for (const path of ['./notes.txt', 'notes.txt', '/notes.txt', './backup.zip', './alone.json'])
      expect(pick(at(path))).toEqual({ sent: [path], passedOver: [] });
    expect(pick(at('./empty.ckpt', 0)).sent).toEqual([]);
  });
});

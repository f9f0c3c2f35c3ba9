import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeTile,
  type GenerationParameters,
  listFields,
  noParameters,
  parseInfotext,
  writeInfotext,
} from '#lib/pictures/index.ts';
import type { RenderRequest, TileRequest } from '#lib/render/index.ts';
import { VERSION } from '#lib/version.ts';
import { INFOTEXT } from './make.ts';

const KNOWN: GenerationParameters = {
  prompt: 'a fox in the snow, <lora:detail tweaker:0.75>\nsecond line',
  negativePrompt: 'blurry, (low quality:1.4)',
  steps: 25,
  sampler: 'DPM++ 2M',
  scheduler: 'Karras',
  cfgScale: 7,
  seed: '1234567890',
  width: 512,
  height: 768,
  model: 'v1-5-pruned',
  modelHash: '6ce0161689',
  vae: 'vae: the, second',
  vaeHash: '735e4c3a44',
  clipSkip: 2,
  loras: [{ name: 'detail tweaker', weight: 0.75, textWeight: null, hash: '4b5a6a9f1c2d' }],
  embeddings: [{ name: 'easynegative', hash: 'c74b4e810b' }],
  hashes: { model: '6ce0161689', 'lora:detail tweaker': '0123456789', 'embed:easynegative': 'c74b4e810b' },
  version: 'v1.10.1',
  other: {},
};

describe('infotext as A1111 writes it', () => {
  it('is read into its parts', () => {
    expect(parseInfotext(INFOTEXT)).toEqual(KNOWN);
  });

  it('is written in the same order with the same quotes', () => {
    expect(writeInfotext(KNOWN)).toBe(INFOTEXT);
  });

  it('takes lines of its own after the settings, as extensions write them', () => {
    const read = parseInfotext(`${INFOTEXT}\nTemplate: a {red|grey} fox`);
    expect(read).toMatchObject({ seed: '1234567890', prompt: KNOWN.prompt, other: { Template: 'a {red|grey} fox' } });
  });

  it('keeps fields that it does not know', () => {
    const read = parseInfotext(
      'cat\nSteps: 4, Sampler: LCM, CFG scale: 1.5, Seed: 2, ADetailer model: "face, v8", RNG: CPU',
    );
    expect(read?.other).toEqual({ 'ADetailer model': 'face, v8', RNG: 'CPU' });
    expect(read?.cfgScale).toBe(1.5);
  });

  it('reads sd.cpp, whose fields stand in another order', () => {
    const text =
      'a cat\nNegative prompt: dog\nSteps: 20, CFG scale: 7.000000, Guidance: 3.500000, Eta: 0.000000, Seed: 42, ' +
      'Size: 512x512, Model: sd-v1-4.ckpt, RNG: cuda, Sampler: euler_a karras, Version: stable-diffusion.cpp';
    expect(parseInfotext(text)).toMatchObject({
      prompt: 'a cat',
      negativePrompt: 'dog',
      cfgScale: 7,
      sampler: 'euler_a karras',
      model: 'sd-v1-4.ckpt',
    });
  });

  it('reads weights of a LoRA for text and network apart, by place and by name', () => {
    const read = parseInfotext(
      '<lora:a:0.2:0.8> <lora:b:te=0.5:unet=1:dyn=4> <lyco:c:1> <lora:d>\nSteps: 1, Sampler: Euler',
    );
    expect(read?.loras).toEqual([
      { name: 'a', weight: 0.8, textWeight: 0.2, hash: null },
      { name: 'b', weight: 1, textWeight: 0.5, hash: null },
      { name: 'c', weight: 1, textWeight: null, hash: null },
      { name: 'd', weight: 1, textWeight: null, hash: null },
    ]);
  });

  it.each(['', 'a photo taken in spring', 'Taken at 12:30, in May', 'x'.repeat(2_000_000)])(
    'finds none in other text',
    (text) => {
      expect(parseInfotext(text)).toBeNull();
    },
  );

  it('keeps names that objects have for themselves as plain names', () => {
    const read = parseInfotext('x\nSteps: 1, __proto__: 5, constructor: 6, Hashes: {"__proto__":"ab"}');
    expect(Object.entries(read?.other ?? {})).toEqual([
      ['__proto__', '5'],
      ['constructor', '6'],
    ]);
    expect(Object.getPrototypeOf(read?.hashes)).toBe(Object.prototype);
  });
});

describe('whatever is written is read back', () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((text) => text.replace(/[\r\n<]/g, '').trim())
    .filter((text) => !/^(Negative prompt:|Steps: ?\d)/.test(text));
  const prompt = fc.array(line, { maxLength: 3 }).map((lines) => lines.join('\n').trim());
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  const hash = fc.stringMatching(/^[0-9a-f]{10}$/);
  const name = fc.stringMatching(/^[\p{L}\d_][\p{L}\d_. -]{0,20}[\p{L}\d_]$/u);
  const weight = fc.integer({ min: -200, max: 300 }).map((hundredths) => hundredths / 100);
  const loras = fc.uniqueArray(fc.record({ name, weight, textWeight: fc.constant(null), hash: fc.option(hash) }), {
    selector: (lora) => lora.name,
    maxLength: 4,
  });
  const parameters = fc.record({
    prompt,
    negativePrompt: prompt,
    steps: fc.integer({ min: 1, max: 150 }),
    sampler: fc.option(value),
    scheduler: fc.option(value),
    cfgScale: fc.option(fc.double({ min: 1, max: 30, noNaN: true })),
    seed: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
    size: fc.record({ width: fc.integer({ min: 1, max: 9999 }), height: fc.integer({ min: 1, max: 9999 }) }),
    model: fc.option(value),
    vae: fc.option(value),
    clipSkip: fc.option(fc.integer({ min: 2, max: 12 })),
    loras,
    embeddings: fc.uniqueArray(fc.record({ name, hash }), { selector: (one) => one.name, maxLength: 3 }),
    hashes: fc.dictionary(fc.constantFrom('model', 'vae'), hash),
    other: fc.dictionary(fc.stringMatching(/^x[a-z \-/]{0,10}[a-z]$/), fc.string({ unit: 'grapheme', maxLength: 30 })),
  });

  it('for any names, prompts and settings', () => {
    fc.assert(
      fc.property(parameters, ({ size, ...given }) => {
        const written = writeInfotext({ ...noParameters(), ...given, ...size });
        const read = parseInfotext(written);
        const tags = given.loras.map((lora) => `<lora:${lora.name}:${lora.weight}>`);
        expect(read).toEqual({
          ...noParameters(),
          ...given,
          ...size,
          modelHash: given.hashes.model ?? null,
          vaeHash: given.hashes.vae ?? null,
          hashes: { ...given.hashes },
          other: { ...given.other },
          prompt: [given.prompt, ...tags].filter((part) => part !== '').join(' '),
        });
      }),
      { numRuns: 500 },
    );
  });

  it('and a second writing changes nothing', () => {
    fc.assert(
      fc.property(parameters, ({ size, ...given }) => {
        const read = parseInfotext(writeInfotext({ ...noParameters(), ...given, ...size }));
        const again = read && parseInfotext(writeInfotext(read));
        expect(again).toEqual(read);
      }),
    );
  });

  it('and no text at all makes it throw', () => {
    const noise = fc.string({
      unit: fc.constantFrom('"', ':', ',', '{', '}', '[', '\\', '<lora:', '>', '\n', 'Steps: 1', 'a', ' '),
    });
    fc.assert(
      fc.property(noise, (text) => void parseInfotext(text)),
      { numRuns: 1000 },
    );
  });
});

describe('text made to wear the reader out', () => {
  // With quadratic time each would take hours, and the test's limit would end it.
  const million = 1_000_000;
  it.each([
    ['quotes without an end', `Steps: 1${', a: "'.repeat(million / 6)}`],
    ['brackets without an end', `Steps: 1${', a: {'.repeat(million / 6)}`],
    ['colons', `Steps: 1, ${':'.repeat(million - 50)}`],
    ['one endless name', `Steps: 1, ${'a '.repeat(million / 2 - 50)}: 1`],
    ['spaces', `${' '.repeat(million - 50)}Steps: 1`],
    ['tags without an end', `${'<lora:a:'.repeat(million / 8 - 10)}\nSteps: 1`],
    ['lines', `${'\n'.repeat(million - 50)}Steps: 1`],
    ['backslashes', `Steps: 1, a: "${'\\'.repeat(million - 50)}`],
  ])('%s', (_, text) => {
    expect(parseInfotext(text)?.steps ?? null).toBe(1);
  });
});

describe('a tile of a request', () => {
  const file = (name: string) => ({ path: `/models/${name}.safetensors`, name });
  const request: RenderRequest = {
    checkpoint: file('dream'),
    vae: file('sharp vae'),
    loras: [file('detail:tweaker'), file('style')],
    embeddings: [
      { ...file('easy'), token: 'easyneg' },
      { ...file('unused'), token: 'unusedword' },
    ],
    tiles: [],
  };
  const tile: TileRequest = {
    prompt: 'a fox',
    negativePrompt: 'easyneg, blurry',
    seed: 3,
    steps: 25,
    sampler: 'DPM++ 2M Karras',
    cfgScale: 7,
    width: 512,
    height: 768,
    clipSkip: 2,
    loraWeights: [0, { unet: 0.8, text: 0.5 }],
  };
  const hashesOf = ({ name }: { name: string }) => ({
    sha256: Buffer.from(name.padEnd(32, '.')).toString('hex'),
    autoV3: Buffer.from(name.toUpperCase().padEnd(32, '.')).toString('hex'),
  });
  const hex = (text: string, length: number) => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, length);

  it('is described in the field’s terms', () => {
    expect(writeInfotext(describeTile(request, tile, hashesOf))).toBe(
      [
        'a fox <lora:detailtweaker:0> <lora:style:0.5:0.8>',
        'Negative prompt: easyneg, blurry',
        'Steps: 25, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 3, Size: 512x768, ' +
          `Model hash: ${hex('dream', 10)}, Model: dream, VAE hash: ${hex('sharp vae', 10)}, VAE: sharp vae, Clip skip: 2, ` +
          `Lora hashes: "detailtweaker: ${hex('DETAIL:TWEAKER', 12)}, style: ${hex('STYLE', 12)}", ` +
          `TI hashes: "easyneg: ${hex('easy', 10)}", Version: Weighhouse ${VERSION}, ` +
          `Hashes: {"model":"${hex('dream', 10)}","vae":"${hex('sharp vae', 10)}",` +
          `"lora:detailtweaker":"${hex('detail:tweaker', 10)}","lora:style":"${hex('style', 10)}","embed:easyneg":"${hex('easy', 10)}"}`,
      ].join('\n'),
    );
  });

  it('leaves out a VAE that it is drawn without, and hashes that nobody knows', () => {
    const described = describeTile(request, { ...tile, usesGivenVae: false }, () => null);
    expect(described).toMatchObject({ vae: null, vaeHash: null, modelHash: null, hashes: {} });
    expect(listFields(described).map(({ label }) => label)).not.toContain('Hashes');
  });

  it('says Uniform for DPM++ 2M, for which A1111 would take Karras otherwise', () => {
    const { sampler, scheduler } = describeTile(request, { ...tile, sampler: 'DPM++ 2M' }, () => null);
    expect({ sampler, scheduler }).toEqual({ sampler: 'DPM++ 2M', scheduler: 'Uniform' });
  });
});

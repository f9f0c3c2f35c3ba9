import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { AppError } from '#lib/errors.ts';
import { acceptUpload, readMetadata, readTextChunks } from '#lib/pictures/index.ts';
import { chunk, exifWith, INFOTEXT, jpegWith, makePicture, open, pngWith, withChunks } from './make.ts';

const picture = makePicture(48, 32);
const png = await open(picture).png().toBuffer();
const jpeg = await open(picture).jpeg().toBuffer();

describe('an accepted picture', () => {
  it('of a PNG is a PNG with the same pixels', async () => {
    const { bytes, mediaType, width, height, metadata } = await acceptUpload(png);
    expect({ mediaType, width, height, metadata }).toEqual({
      mediaType: 'image/png',
      width: 48,
      height: 32,
      metadata: null,
    });
    expect(await sharp(bytes).raw().toBuffer()).toEqual(Buffer.from(picture.pixels));
  });

  it.each(['jpeg', 'webp', 'avif'] as const)('of a %s is a WebP close to it', async (format) => {
    const { bytes, mediaType, width, height, thumbnail, blur } = await acceptUpload(
      await open(picture).toFormat(format).toBuffer(),
    );
    expect({ mediaType, width, height }).toEqual({ mediaType: 'image/webp', width: 48, height: 32 });
    expect((await sharp(bytes).metadata()).format).toBe('webp');
    expect(thumbnail).toMatchObject({ width: 48, height: 32 });
    expect(blur).toMatch(/^data:image\/webp;base64,/);
    const red = (await sharp(bytes).stats()).channels[0]?.mean;
    expect(red).toBeCloseTo((await sharp(png).stats()).channels[0]?.mean ?? 0, -1);
  });

  it('says how it was made, and the copy says the same in the same words', async () => {
    const text = INFOTEXT.replace('fox', 'füchsin 猫 🦊');
    const comment = Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(text, 'utf16le').swap16()]);
    for (const source of [await pngWith({ parameters: text }), jpegWith(jpeg, exifWith(comment, 'MM'))]) {
      const { bytes, metadata } = await acceptUpload(source);
      expect(metadata).toMatchObject({ generator: 'A1111', raw: text, parameters: { seed: '1234567890' } });
      expect(await readMetadata(bytes)).toEqual(metadata);
    }
  });

  it('of a WebP with transparency keeps that and its words', async () => {
    const clear = sharp({
      create: { width: 30, height: 20, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0.4 } },
    });
    for (const lossless of [true, false]) {
      const exif = { IFD2: { UserComment: 'a cat\nSteps: 20, Sampler: Euler, Seed: 5' } };
      const { bytes, metadata } = await acceptUpload(await clear.clone().withExif(exif).webp({ lossless }).toBuffer());
      expect(metadata?.parameters.seed).toBe('5');
      expect(await readMetadata(bytes)).toEqual(metadata);
      const { hasAlpha, width, height } = await sharp(bytes).metadata();
      expect({ hasAlpha, width, height }).toEqual({ hasAlpha: true, width: 30, height: 20 });
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect(Math.abs((data[3] ?? 0) - 102)).toBeLessThan(3);
    }
  });

  it('of ComfyUI carries infotext in place of its graph', async () => {
    const prompt = JSON.stringify({
      1: {
        class_type: 'KSampler',
        inputs: { seed: 5, steps: 4, cfg: 1, positive: ['2', 0], model: ['3', 0], latent_image: ['9', 0] },
      },
      2: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox' } },
      3: { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'ink.safetensors', strength_model: 0.5 } },
    });
    const { bytes, metadata } = await acceptUpload(await pngWith({ prompt, workflow: '{"nodes":[]}' }));
    expect(metadata).toMatchObject({ generator: 'ComfyUI', raw: prompt });
    expect([...readTextChunks(bytes)]).toEqual([
      ['parameters', 'a fox <lora:ink:0.5>\nSteps: 4, CFG scale: 1, Seed: 5, Version: ComfyUI'],
    ]);
  });

  it('holds nothing of place, camera, author, profile or comments, and stands upright', async () => {
    const exif = {
      IFD0: { Artist: 'somebody', Make: 'Camera' },
      IFD2: { UserComment: 'private words' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
    };
    const source = open(picture).withExif(exif).withIccProfile('p3').withMetadata({ orientation: 6 });
    for (const sent of [
      await source.clone().jpeg().toBuffer(),
      await source.clone().webp().toBuffer(),
      withChunks(await source.clone().png().toBuffer(), [chunk('tEXt', Buffer.from('Author\0somebody'))], 'end'),
    ]) {
      const sentMetadata = await sharp(sent).metadata();
      expect(sentMetadata.exif).toBeDefined();
      const { bytes, width, height, metadata } = await acceptUpload(sent);
      const kept = await sharp(bytes).metadata();
      expect({ width, height, metadata }).toEqual({ width: 32, height: 48, metadata: null });
      expect(kept).toMatchObject({ width: 32, height: 48, space: 'srgb', depth: 'uchar' });
      expect([kept.exif, kept.icc, kept.xmp, kept.iptc, kept.orientation, kept.comments]).toEqual(
        Array(6).fill(undefined),
      );
      expect(readTextChunks(bytes).size).toBe(0);
      expect(bytes.includes('somebody')).toBe(false);
    }
  });

  it('has 8 bits a channel and RGB where it had 16 or CMYK', async () => {
    const deep = await open(picture).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const cmyk = await open(picture).toColourspace('cmyk').jpeg().toBuffer();
    for (const sent of [deep, cmyk]) {
      const { bytes } = await acceptUpload(sent);
      expect(await sharp(bytes).metadata()).toMatchObject({ depth: 'uchar', space: 'srgb', channels: 3 });
    }
  });
});

const [gif, tiff] = await Promise.all([open(picture).gif().toBuffer(), open(picture).tiff().toBuffer()]);
const animation = await sharp([png, await open(makePicture(48, 32)).negate().png().toBuffer()], {
  join: { animated: true },
})
  .webp()
  .toBuffer();

describe('a picture that is refused', () => {
  const header = (width: number, height: number) => {
    const data = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
    data.writeUInt32BE(width);
    data.writeUInt32BE(height, 4);
    return Buffer.concat([png.subarray(0, 8), chunk('IHDR', data), png.subarray(33)]);
  };
  const control = Buffer.alloc(8);
  control.writeUInt32BE(1_000_000);

  it.each([
    ['nothing', Buffer.alloc(0), 'bad_request', 'empty'],
    ['text', Buffer.from('hello'), 'unsupported', 'This file is not an image.'],
    ['a GIF', gif, 'unsupported', 'This file is a GIF.'],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'), 'unsupported', 'an SVG'],
    ['a TIFF', tiff, 'unsupported', 'a TIFF'],
    ['a film', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom'), 'unsupported', 'a video'],
    ['too many bytes', Buffer.concat([png, Buffer.alloc(25 * 1024 * 1024)]), 'too_large', '25 MB'],
    ['too many pixels', header(60_000, 60_000), 'too_large', '50 megapixels'],
    ['a longer side than WebP has', header(20_000, 100), 'too_large', '16383 pixels'],
    ['half a PNG', png.subarray(0, png.length / 2), 'unsupported', 'damaged'],
    ['half a JPEG', jpeg.subarray(0, jpeg.length / 2), 'unsupported', 'damaged'],
    ['a head alone', png.subarray(0, 8), 'unsupported', 'damaged'],
    ['an animated WebP', animation, 'unsupported', 'Animated'],
    ['an animated PNG', withChunks(png, [chunk('acTL', control)]), 'unsupported', 'Animated'],
    ['a PNG that claims more than it has', header(5000, 5000), 'unsupported', 'damaged'],
  ])('%s', async (_, bytes, code, sentence) => {
    const error = await acceptUpload(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
  });

  it('is refused in words whatever is wrong with it', async () => {
    const sources = await Promise.all(
      (['png', 'jpeg', 'webp', 'avif'] as const).map((format) =>
        open(picture)
          .withExif({ IFD2: { UserComment: INFOTEXT } })
          .toFormat(format)
          .toBuffer(),
      ),
    );
    const edits = fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sources), edits, async (source, changes) => {
        const bytes = Buffer.from(source);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const result = await acceptUpload(bytes).catch((thrown: unknown) => thrown);
        if (result instanceof Error) expect(result).toBeInstanceOf(AppError);
        else expect(result).toMatchObject({ width: expect.any(Number) });
      }),
      { numRuns: 150 },
    );
  });
});

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng, readTextChunks } from '#lib/pictures/index.ts';
import { chunk, makePicture, open, withChunks } from './make.ts';

const picture = makePicture(16, 12);
const plain = await open(picture).png().toBuffer();
const typeOfText = (png: Buffer) => png.toString('latin1', 37, 41);

describe('a PNG with its infotext', () => {
  it('has the same pixels', async () => {
    const png = await encodePng(picture, 'a cat');
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 16, height: 12, channels: 3 });
    expect(data).toEqual(Buffer.from(picture.pixels));
  });

  it.each([
    ['a plain cät', 'tEXt'],
    ['a 猫', 'iTXt'],
    ['🦊', 'iTXt'],
  ])('holds %s as %s', async (text, type) => {
    const png = await encodePng(picture, text);
    expect(typeOfText(png)).toBe(type);
    expect(readTextChunks(png).get('parameters')).toBe(text);
  });

  it('gives any text back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const read = readTextChunks(await encodePng(picture, text)).get('parameters');
        expect(read).toBe(text.replaceAll('\0', '').toWellFormed());
      }),
      { numRuns: 60 },
    );
  });

  it('may have none', async () => {
    expect(readTextChunks(await encodePng(picture, null)).size).toBe(0);
  });
});

describe('text chunks of any PNG', () => {
  const text = (value: string) => Buffer.from(value, 'latin1');

  it('are read wherever they stand and however they are packed', () => {
    const packed = chunk('zTXt', Buffer.concat([text('a\0\0'), deflateSync(text('cät'))]));
    const packedUtf8 = chunk('iTXt', Buffer.concat([text('b\0\x01\0en\0name\0'), deflateSync(Buffer.from('猫'))]));
    const late = withChunks(plain, [chunk('tEXt', text('c\0late'))], 'end');
    expect([...readTextChunks(withChunks(late, [packed, packedUtf8]))]).toEqual([
      ['a', 'cät'],
      ['b', '猫'],
      ['c', 'late'],
    ]);
  });

  it('count once: the first of a keyword', () => {
    const twice = withChunks(plain, [chunk('tEXt', text('a\0first')), chunk('tEXt', text('a\0second'))]);
    expect(readTextChunks(twice).get('a')).toBe('first');
  });

  it('are left out where they are broken, and the others read', () => {
    const wrongSum = chunk('tEXt', text('a\0x'));
    wrongSum[wrongSum.length - 1]! ^= 1;
    const broken = [
      wrongSum,
      chunk('tEXt', text('no keyword ends here')),
      chunk('tEXt', text('\0empty')),
      chunk('zTXt', text('b\0\0not packed')),
      chunk('iTXt', text('c\0\0\0no more')),
    ];
    expect([...readTextChunks(withChunks(plain, [...broken, chunk('tEXt', text('d\0whole'))]))]).toEqual([
      ['d', 'whole'],
    ]);
  });

  it('are not unpacked beyond their limit', () => {
    const bomb = chunk('zTXt', Buffer.concat([text('bomb\0\0'), deflateSync(Buffer.alloc(200 * 1024 * 1024))]));
    const bombs = withChunks(plain, [...Array.from({ length: 50 }, () => bomb), chunk('tEXt', text('a\0after'))]);
    expect([...readTextChunks(bombs)]).toEqual([['a', 'after']]);
  });

  it('have a limit together', () => {
    const large = (name: string) =>
      chunk('zTXt', Buffer.concat([text(`${name}\0\0`), deflateSync(Buffer.alloc(7 * 1024 * 1024, 'x'))]));
    const texts = readTextChunks(withChunks(plain, ['a', 'b', 'c', 'd'].map(large)));
    expect([...texts.keys()]).toEqual(['a', 'b']);
  });

  it('are looked for in any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: plain.length }), (noise, at) => {
        readTextChunks(noise);
        readTextChunks(Buffer.concat([plain.subarray(0, at), noise]));
      }),
      { numRuns: 500 },
    );
  });
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { measureText, shortenText, textPath, wrapText } from '#lib/pictures/font/index.ts';
import { createBlur, createThumbnail, type Grid, readTextChunks, renderGrid } from '#lib/pictures/index.ts';
import { makePicture, open } from './make.ts';

const grid: Grid = {
  columns: { title: 'LoRA weight', labels: ['0', '0.5', '1'] },
  rows: { title: 'Seed', labels: ['1', '2'] },
  cells: [
    { picture: makePicture(64, 96) },
    { failure: 'Not enough memory for <this> & that.' },
    { picture: makePicture(32, 32) },
    ...Array.from({ length: 3 }, () => ({ picture: makePicture(64, 96) })),
  ],
  tile: { width: 64, height: 96 },
  infotext: 'a 猫\nSteps: 20, Sampler: Euler, Seed: 1',
};

async function pixelsOf(png: Buffer) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  return { at, width: info.width, height: info.height };
}

/** Where the picture stands in the grid: the one place whose pixels are its own. */
function find(
  { at, width, height }: Awaited<ReturnType<typeof pixelsOf>>,
  picture: { width: number; height: number; pixels: Uint8Array },
) {
  const places: [number, number][] = [];
  const corners = [0, 1, picture.width + 5, picture.width * picture.height - 1];
  for (let y = 0; y + picture.height <= height; y += 1)
    for (let x = 0; x + picture.width <= width; x += 1)
      if (
        corners.every((index) => {
          const found = at(x + (index % picture.width), y + Math.floor(index / picture.width));
          return found.every((value, channel) => value === picture.pixels[index * 3 + channel]);
        })
      )
        places.push([x, y]);
  return places;
}

describe('a grid', () => {
  it('holds each tile pixel by pixel in its row and column, and keeps its shape where one failed', async () => {
    const drawn = await renderGrid(grid);
    const pixels = await pixelsOf(drawn.png);
    expect({ width: drawn.width, height: drawn.height }).toEqual({ width: pixels.width, height: pixels.height });
    const places = find(pixels, makePicture(64, 96));
    const [columns, rows] = [new Set(places.map(([x]) => x)), new Set(places.map(([, y]) => y))];
    expect(places).toHaveLength(4);
    expect([...columns]).toHaveLength(3);
    expect([...rows]).toHaveLength(2);
    const [first, second] = [...columns].sort((a, b) => a - b) as [number, number];
    const [top] = [...rows].sort((a, b) => a - b) as [number];
    // The failed tile: grey, with words on it.
    expect(pixels.at(second + 1, top + 1)).toEqual([0xe9, 0xec, 0xef]);
    const inked = Array.from({ length: 64 * 96 }, (_, index) =>
      pixels.at(second + (index % 64), top + Math.floor(index / 64)),
    );
    expect(inked.filter(([red = 255]) => red < 0x80).length).toBeGreaterThan(20);
    // Labels stand left of and above the tiles.
    const dark = (x0: number, x1: number, y0: number, y1: number) => {
      let count = 0;
      for (let y = y0; y < y1; y += 1)
        for (let x = x0; x < x1; x += 1) if ((pixels.at(x, y)[0] ?? 255) < 0x80) count += 1;
      return count;
    };
    expect(dark(0, first, top, pixels.height)).toBeGreaterThan(5);
    for (const column of columns) expect(dark(column, column + 64, top - 24, top)).toBeGreaterThan(5);
  });

  it('carries infotext', async () => {
    expect(readTextChunks((await renderGrid(grid)).png).get('parameters')).toBe(grid.infotext);
    expect(readTextChunks((await renderGrid({ ...grid, infotext: null })).png).size).toBe(0);
  });

  it('is the same picture where no fonts are installed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weighhouse-fonts-'));
    const config = join(folder, 'fonts.conf');
    writeFileSync(config, `<?xml version="1.0"?><fontconfig><cachedir>${folder}</cachedir></fontconfig>`);
    const script = join(folder, 'draw.ts');
    writeFileSync(
      script,
      `import { createHash } from 'node:crypto';
       import { renderGrid } from ${JSON.stringify(resolve('lib/pictures/index.ts'))};
       const picture = { width: 64, height: 64, pixels: new Uint8Array(64 * 64 * 3) };
       const axis = { title: 'Weight äЖ', labels: ['0.75'] };
       const grid = { columns: axis, rows: axis, cells: [{ picture }], tile: picture, infotext: null };
       process.stdout.write(createHash('sha256').update((await renderGrid(grid)).png).digest('hex'));`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { ...process.env, FONTCONFIG_FILE: config },
    });
    rmSync(folder, { recursive: true });
    const picture = { width: 64, height: 64, pixels: new Uint8Array(64 * 64 * 3) };
    const axis = { title: 'Weight äЖ', labels: ['0.75'] };
    const here = await renderGrid({ columns: axis, rows: axis, cells: [{ picture }], tile: picture, infotext: null });
    expect(stdout, stderr).toBe(createHash('sha256').update(here.png).digest('hex'));
  });

  it('shrinks its cells before it grows beyond what viewers open', async () => {
    const labels = Array.from({ length: 40 }, (_, index) => String(index));
    const cells = Array.from({ length: 1600 }, () => ({ failure: 'x' }));
    const axis = { title: 'many', labels };
    const drawn = await renderGrid({
      columns: axis,
      rows: axis,
      cells,
      tile: { width: 512, height: 512 },
      infotext: null,
    });
    expect(drawn.width * drawn.height).toBeLessThan(50_000_000);
    expect(Math.max(drawn.width, drawn.height)).toBeLessThan(16_384);
  });

  it('takes labels of any length', async () => {
    const axis = { title: 'w'.repeat(500), labels: ['long '.repeat(200)] };
    const cells = [{ failure: 'because '.repeat(500) }];
    const drawn = await renderGrid({
      columns: axis,
      rows: axis,
      cells,
      tile: { width: 64, height: 64 },
      infotext: null,
    });
    expect(drawn.width).toBeLessThan(400);
  });

  it('must have as many cells as its axes say', async () => {
    await expect(renderGrid({ ...grid, cells: grid.cells.slice(1) })).rejects.toThrow(
      '5 cells do not fill 3 columns and 2 rows.',
    );
  });
});

describe('letters', () => {
  it('are drawn with their own outlines, in all scripts of the font', () => {
    const paths = ['A', 'ä', 'Ł', 'Ж', 'Ω', 'ộ', 'Ѡ', 'ἀ', '漢'].map((letter) => textPath(letter, 0, 0, 20));
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).toMatch(/^(M[-\d. LQ]+Z)+$/);
  });

  it('stand as wide as the font says: Inter’s digits and its M', () => {
    // Advances of Inter 4 at weight 400, in 2048ths of an em.
    expect(measureText('M', 2048)).toBeCloseTo(1852, -2);
    expect(measureText('MM', 100)).toBeCloseTo(2 * measureText('M', 100), 6);
    expect(textPath(' ', 0, 0, 10)).toBe('');
  });

  it('make no mistake of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (text, width) => {
        const short = shortenText(text, 12, width);
        if (short !== text) expect(short.endsWith('…')).toBe(true);
        if (width > 20) expect(measureText(short, 12)).toBeLessThanOrEqual(Math.max(width, 0.001));
        expect(textPath(text, 0, 0, 12)).not.toMatch(/NaN|undefined/);
        expect(wrapText(text, 12, width, 3).length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('a thumbnail', () => {
  it.each([
    [1200, 600, 512, 256],
    [600, 1200, 256, 512],
    [100, 50, 100, 50],
    [3000, 2, 512, 1],
  ])('of %i × %i pixels has %i × %i', async (width, height, expectedWidth, expectedHeight) => {
    const thumbnail = await createThumbnail(makePicture(width, height));
    const { format, ...size } = await sharp(thumbnail.bytes).metadata();
    expect(format).toBe('webp');
    expect(size).toMatchObject({ width: expectedWidth, height: expectedHeight });
    expect(thumbnail).toMatchObject({ width: expectedWidth, height: expectedHeight });
  });

  it('stands upright and holds nothing of the picture’s metadata', async () => {
    const source = open(makePicture(40, 20))
      .withExif({ IFD0: { Artist: 'somebody' } })
      .withMetadata({ orientation: 6 });
    const thumbnail = await createThumbnail(await source.jpeg().toBuffer());
    expect(thumbnail).toMatchObject({ width: 20, height: 40 });
    expect((await sharp(thumbnail.bytes).metadata()).exif).toBeUndefined();
  });

  it('is refused where the picture cannot be decoded', async () => {
    const png = await open(makePicture(40, 20)).png().toBuffer();
    await expect(createThumbnail(png.subarray(0, 200))).rejects.toMatchObject({
      name: 'AppError',
      code: 'unsupported',
    });
  });
});

describe('a blur', () => {
  it('is a picture of at most 300 characters, whatever is on it', async () => {
    const noise = {
      width: 200,
      height: 200,
      pixels: Uint8Array.from({ length: 120_000 }, (_, index) => (index * 7919) % 251),
    };
    for (const picture of [makePicture(512, 768), makePicture(768, 512), noise, makePicture(1, 1)]) {
      const blur = await createBlur(picture);
      expect(blur.length).toBeLessThanOrEqual(300);
      const { width, height } = await sharp(Buffer.from(blur.split(',')[1] ?? '', 'base64')).metadata();
      expect(Math.max(width, height)).toBe(12);
    }
  });

  it('has the colours of the picture', async () => {
    const red = {
      width: 50,
      height: 50,
      pixels: Uint8Array.from({ length: 7500 }, (_, index) => (index % 3 === 0 ? 220 : 20)),
    };
    const webp = Buffer.from((await createBlur(red)).split(',')[1] ?? '', 'base64');
    const { dominant } = await sharp(webp).stats();
    expect(dominant.r).toBeGreaterThan(180);
    expect(dominant.b).toBeLessThan(60);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { acceptUpload, encodePng, insertText, readMetadata, renderGrid } from '#lib/pictures/index.ts';

const SCRIPT = join(import.meta.dirname, 'python/pictures.py');
const SETTINGS = 'Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Version: v1.10.1';
const TEXTS = [`a fox\n${SETTINGS}`, `eine Füchsin\n${SETTINGS}`, `狐と雪 🦊\nNegative prompt: ぼけ\n${SETTINGS}`];

const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-I', '-c', 'import PIL'], { stdio: 'ignore' }).status === 0);
if (python === undefined) console.info('No python3 with Pillow here: the comparison of pictures is left out.');

const folder = mkdtempSync(join(tmpdir(), 'weighhouse pillow '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python ?? '', ['-I', SCRIPT, ...args], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

function readByPillow(name: string, bytes: Uint8Array): unknown {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return (JSON.parse(run('read', path)) as unknown[])[0];
}

describe.skipIf(python === undefined)('beside Pillow', () => {
  const pixels = new Uint8Array(16 * 12 * 3).fill(90);
  const picture = { width: 16, height: 12, pixels };

  it('reads texts of PNGs that this writes, with the same pixels', async () => {
    for (const [index, text] of TEXTS.entries())
      expect(readByPillow(`${index}.png`, await encodePng(picture, text))).toMatchObject({
        format: 'PNG',
        size: [16, 12],
        mode: 'RGB',
        corner: [90, 90, 90],
        texts: { parameters: text },
      });
  });

  it('reads the text of a grid', async () => {
    const axis = { title: 'Seed', labels: ['1'] };
    const grid = { columns: axis, rows: axis, cells: [{ picture }], tile: picture, infotext: TEXTS[2] ?? '' };
    expect(readByPillow('grid.png', (await renderGrid(grid)).png)).toMatchObject({ texts: { parameters: TEXTS[2] } });
  });

  it('writes pictures that this reads, and takes the same chunk for a text', async () => {
    const list = join(folder, 'texts.json');
    writeFileSync(list, JSON.stringify(TEXTS));
    run('write', folder, list);
    for (const [index, text] of TEXTS.entries()) {
      for (const name of [`${index}-plain.png`, `${index}-packed.png`, `${index}.jpg`, `${index}.webp`])
        expect((await readMetadata(readFileSync(join(folder, name))))?.raw, name).toBe(text);
      const theirs = readFileSync(join(folder, `${index}-plain.png`));
      const bare = await sharp(theirs).png().toBuffer();
      const chunk = 12 + theirs.readUInt32BE(33);
      const ours = insertText(bare, 'parameters', text);
      expect(ours.subarray(33, 33 + chunk), `chunk ${index}`).toEqual(theirs.subarray(33, 33 + chunk));
    }
  });

  it('reads pictures that were accepted: PNG with a text chunk, WebP with a comment', async () => {
    for (const [index, text] of TEXTS.entries()) {
      const png = await acceptUpload(readFileSync(join(folder, `${index}-packed.png`)));
      expect(readByPillow(`accepted-${index}.png`, png.bytes)).toMatchObject({
        texts: { parameters: text },
        comment: null,
      });
      for (const ending of ['jpg', 'webp']) {
        const webp = await acceptUpload(readFileSync(join(folder, `${index}.${ending}`)));
        expect(readByPillow(`accepted-${index}-${ending}.webp`, webp.bytes)).toMatchObject({
          format: 'WEBP',
          size: [16, 12],
          comment: text,
          code: 'UNICODE\0',
        });
      }
    }
  });
});

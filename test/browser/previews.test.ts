import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng, readTextChunks } from '#lib/pictures/index.ts';
import type { ProfileView } from '#lib/previews/client.ts';
import { writeSmallCheckpoint, writeSmallLora } from '../fixtures/render/small-models.ts';
import { HANG_MS } from '../support/limits.ts';
import { startTestService, type TestService } from '../support/service.ts';
import {
  closeBrowser,
  findViolations,
  findViolationsInBothModes,
  newVisitor,
  noBrowser,
  settled,
  signUp,
  type Visitor,
} from './support/page.ts';

const CHECKPOINT = 'narrow harbour';
const LORA = 'paper boats';
const WEIGHTS = [0, 0.5, 0.75, 1, 1.25];
/** A size and number of steps that a narrow network draws in a moment. */
const QUICK = { width: 64, height: 96, steps: 3, seeds: [1], adapterSeeds: [1, 2] };
const INFOTEXT = [
  'a lighthouse on a cliff <lora:paper boats:0.8>',
  'Negative prompt: fog, <b>rain</b>',
  'Steps: 21, Sampler: Euler a, CFG scale: 6.5, Seed: 424242, Size: 48x32, Model hash: 0123456789, Model: far-coast, Version: v1.10.1',
].join('\n');

describe.skipIf(noBrowser !== null)('previews', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse previews '));
  let service: TestService;
  let visitor: Visitor;
  let page: Page;
  let loraPath: string;

  beforeAll(async () => {
    writeSmallCheckpoint(join(folder, `${CHECKPOINT}.safetensors`), 'sd1', 'real');
    writeSmallLora(join(folder, `${LORA}.safetensors`), 'sd1', 'real');
    service = await startTestService();
    visitor = await newVisitor(service.url);
    page = visitor.page;
    await signUp(page, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' });
  });
  afterAll(async () => {
    await closeBrowser();
    await service.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Sends a model with another window of the same person, and resolves to the address of its page. */
  const upload = async (name: string) => {
    const other = await visitor.context.newPage();
    other.setDefaultTimeout(HANG_MS);
    await other.goto('/upload');
    await other.getByTestId('file-input').setInputFiles(join(folder, `${name}.safetensors`));
    const row = other.getByTestId('upload-row').filter({ hasText: name });
    await expect.poll(() => row.getAttribute('data-state')).toBe('done');
    const path = await row.getByRole('link').getAttribute('href');
    await other.close();
    return path ?? '';
  };
  const state = () => page.getByTestId('preview-state');
  const slider = () => page.getByRole('slider', { name: 'LoRA weight' });
  const large = () => page.getByTestId('sweep-picture');
  const viewer = () => page.getByRole('dialog');
  const isLoaded = (picture: Locator) =>
    picture.evaluate((img) => img instanceof HTMLImageElement && img.complete && img.naturalWidth > 0);
  const faults = async (part: string) => {
    await settled(page);
    return await findViolations(page, part);
  };

  it('are drawn by a profile that administrators change, which says what is wrong with a change', async () => {
    await page.goto('/admin/previews?tab=profiles');
    await page.getByRole('button', { name: 'Edit SD 1.x', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: /^Profile SD 1\.x, version 1/ });
    const ofCpu = dialog.getByRole('group', { name: 'Without a GPU' });
    await ofCpu.getByLabel('Width').fill('65');
    await ofCpu.getByLabel('Adapter seeds').fill('1, two');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Enter a multiple of 8 pixels.').waitFor();
    await dialog.getByText('Enter numbers separated by commas.').waitFor();
    expect(await faults('[role="dialog"]')).toEqual([]);
    for (const [label, value] of [
      ['Width', QUICK.width],
      ['Height', QUICK.height],
      ['Steps', QUICK.steps],
      ['Checkpoint seeds', QUICK.seeds.join(', ')],
      ['Adapter seeds', QUICK.adapterSeeds.join(', ')],
    ] as const)
      await ofCpu.getByLabel(label).fill(String(value));
    await dialog.getByRole('button', { name: 'Save' }).click();
    const row = page.locator('[data-profile="sd1"]');
    await row.getByText('Edited').waitFor();
    const { cpu, version } = await page.evaluate(async () => {
      const profiles = (await (await fetch('/api/admin/previews/profiles')).json()) as ProfileView[];
      return profiles.find(({ id }) => id === 'sd1') as ProfileView;
    });
    expect(version).toBe(2);
    expect(cpu).toEqual(QUICK);
    // The same on a machine with a graphics card, or this test would draw whole pictures there.
    await page.evaluate(async (quick) => {
      const profiles = (await (await fetch('/api/admin/previews/profiles')).json()) as ProfileView[];
      const {
        id,
        name: _,
        version: __,
        edited: ___,
        updatedAt: ____,
        ...form
      } = profiles.find((one) => one.id === 'sd1') as ProfileView;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ ...form, ...quick });
      const { status } = await fetch(`/api/admin/previews/profiles/${id}`, { method: 'PUT', headers, body });
      if (status !== 200) throw new Error(`The profile was answered ${status}.`);
    }, QUICK);
  });

  it('wait for a checkpoint where there is none, and say so', async () => {
    loraPath = await upload(LORA);
    await page.goto(loraPath);
    await expect.poll(() => state().getAttribute('data-state')).toBe('waiting_for_base');
    expect(await state().textContent()).toContain('The catalog has no SD 1.x checkpoint');
    expect(await state().getByRole('link', { name: 'Upload a checkpoint' }).getAttribute('href')).toBe('/upload');
    const admin = await visitor.context.newPage();
    await admin.goto('/admin/previews');
    expect(await admin.getByTestId('missing-bases').textContent()).toContain('SD 1.x: 1 preview is waiting');
    await admin.close();
  });

  it('appear tile by tile once it comes, without a reload', async () => {
    await page.evaluate(recordTiles);
    await upload(CHECKPOINT);
    await expect.poll(() => page.evaluate(readTiles).then((seen) => seen.at(-1))).toBe(WEIGHTS.length);
    const seen = await page.evaluate(readTiles);
    // Fast machines draw several between two looks; all of them show more and more, and not all at once.
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.filter((count) => count > 0).length).toBeGreaterThan(1);
    await state().waitFor({ state: 'detached' });
    expect(await page.getByTestId('preview-evidence').textContent()).toMatch(/Rendered on \w+ .*per step/);
    await expect.poll(() => page.getByTestId('grid-download').count()).toBe(1);
  });

  it('are swept through with the keyboard', async () => {
    const shown = async () => {
      const picture = large().getByRole('img');
      await expect.poll(() => isLoaded(picture)).toBe(true);
      return { weight: await large().getAttribute('data-weight'), source: await picture.getAttribute('src') };
    };
    expect((await shown()).weight).toBe('1');
    await slider().focus();
    await page.keyboard.press('Home');
    const pictures = [];
    for (const weight of WEIGHTS) {
      expect(await slider().getAttribute('aria-valuetext')).toBe(String(weight));
      const { weight: told, source } = await shown();
      expect(told).toBe(String(weight));
      pictures.push(await page.evaluate(digest, source ?? ''));
      await page.keyboard.press('ArrowRight');
    }
    // A LoRA that changes nothing would draw the same each time.
    expect(new Set(pictures).size).toBe(WEIGHTS.length);
    await page.getByRole('radiogroup', { name: 'Seed' }).getByText('Seed 2').click();
    expect(await large().getAttribute('data-seed')).toBe('2');
    expect(pictures).not.toContain(await page.evaluate(digest, (await shown()).source ?? ''));
    await page.getByRole('radiogroup', { name: 'Seed' }).getByText('Seed 1').click();
    await page.getByTestId('sweep-strip').getByRole('button', { name: 'LoRA weight 0.75' }).click();
    expect(await slider().getAttribute('aria-valuetext')).toBe('0.75');
  });

  it('open large, with all that stands in the picture', async () => {
    const opener = large().getByRole('button');
    await opener.click();
    await viewer().waitFor();
    const infotext = () => viewer().getByTestId('infotext');
    expect(await viewer().getByText('Image 3 of 5').count()).toBe(1);
    await viewer().getByText('Raw metadata', { exact: true }).click();
    const whole = await viewer().getByTestId('infotext-whole').textContent();
    expect(whole).toContain(`<lora:${LORA}:0.75>`);
    expect(whole).toMatch(/\nSteps: 3, Sampler: DPM\+\+ 2M, .*Seed: 1, Size: 64x96, .*Lora hashes: "paper boats: /);
    const source = await viewer().getByTestId('download-picture').getAttribute('href');
    const bytes = await page.evaluate(fetchBytes, source ?? '');
    expect(readTextChunks(Buffer.from(bytes, 'base64')).get('parameters')).toBe(whole);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => infotext().textContent()).toContain(`<lora:${LORA}:1>`);
    expect(await faults('[role="dialog"]')).toEqual([]);
    await page.keyboard.press('Escape');
    await viewer().waitFor({ state: 'detached' });
    await expect.poll(() => opener.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('take pictures that people bring, and read how they were made', async () => {
    const input = page.getByTestId('picture-input');
    await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
    await page.getByText('notes.txt was not added. Supported image formats: PNG, JPEG, WebP, AVIF.').waitFor();
    await input.setInputFiles({ name: 'torn.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\nno') });
    await page.getByTestId('picture-sent').filter({ hasText: 'torn.png was not added.' }).waitFor();
    const pixels = Uint8Array.from({ length: 48 * 32 * 3 }, (_, index) => (index * 7) % 256);
    const buffer = await encodePng({ width: 48, height: 32, pixels }, INFOTEXT);
    await input.setInputFiles({ name: 'lighthouse.png', mimeType: 'image/png', buffer });
    const brought = page.getByTestId('user-picture');
    await brought.waitFor();
    expect(await brought.textContent()).toBe('by Ada · A1111');
    await brought.getByRole('button').click();
    const text = () => viewer().getByTestId('infotext').textContent();
    await page.getByRole('dialog', { name: 'Image by Ada: a lighthouse on a cliff' }).waitFor();
    for (const part of ['a lighthouse on a cliff', 'fog, <b>rain</b>', 'Seed424242', 'Modelfar-coast', 'Euler a'])
      expect(await text()).toContain(part);
    expect(await viewer().locator('b').filter({ hasText: 'rain' }).count()).toBe(0);
  });

  it('are blurred once somebody marks them, until a click, for everybody and in the catalog', async () => {
    await viewer().getByRole('button', { name: 'Set as cover' }).click();
    await viewer().getByRole('button', { name: 'Remove as cover' }).waitFor();
    await viewer().getByRole('button', { name: 'Mark as NSFW' }).click();
    await viewer().getByRole('button', { name: 'Remove NSFW mark' }).waitFor();
    await page.keyboard.press('Escape');
    await viewer().waitFor({ state: 'detached' });

    const stranger = await newVisitor(service.url, { colorScheme: 'dark', width: 375, height: 812 });
    await stranger.page.goto(loraPath);
    const brought = stranger.page.getByTestId('user-picture');
    await expect.poll(() => brought.getByText('Marked NSFW').count()).toBe(1);
    expect(await brought.getByRole('img').count()).toBe(0);
    expect(await stranger.page.getByTestId('picture-input').count()).toBe(0);
    expect(await stranger.page.getByRole('button', { name: 'Render again' }).count()).toBe(0);
    expect(await widthBeyond(stranger.page)).toBe(0);
    await brought.getByRole('button', { name: /^Show NSFW image/ }).click();
    await expect.poll(() => isLoaded(brought.locator('img'))).toBe(true);
    await brought.getByRole('button', { name: /^Open/ }).click();
    await stranger.page.getByRole('dialog').waitFor();
    expect(await stranger.page.getByRole('button', { name: 'Mark as NSFW' }).count()).toBe(0);
    expect(await widthBeyond(stranger.page)).toBe(0);

    await stranger.page.goto('/?view=grid');
    const card = (name: string) => stranger.page.getByRole('listitem').filter({ hasText: name });
    await expect.poll(() => card(LORA).getByText('Marked NSFW').count()).toBe(1);
    expect(await card(LORA).getByRole('img').count()).toBe(0);
    await expect.poll(() => isLoaded(card(CHECKPOINT).getByRole('img'))).toBe(true);
    expect(stranger.complaints).toEqual([]);
    await stranger.context.close();
  });

  it('are drawn again with a reason, and what an older profile drew is kept folded away', async () => {
    await page.evaluate(async () => {
      const { status } = await fetch('/api/admin/previews/profiles/sd1', { method: 'DELETE' });
      if (status !== 200) throw new Error(`The profile was answered ${status}.`);
    });
    await page.reload();
    await page.getByTestId('previews').getByText('Out of date').first().waitFor();
    await page.getByRole('button', { name: 'Render again' }).click();
    await viewer().getByLabel('Reason').fill('the profile is as it was');
    await viewer().getByRole('button', { name: 'Render again' }).click();
    // At its own size the sweep takes minutes on a processor: it is stopped as soon as it stands in the queue.
    await expect.poll(() => page.getByTestId('older-previews').count()).toBe(1);
    await page.getByRole('button', { name: /^(Cancel|Stop rendering)$/ }).click();
    await expect.poll(() => state().getAttribute('data-state')).toBe('cancelled');
    const older = page.getByTestId('older-previews');
    expect(await older.getByTestId('sweep').count()).toBe(0);
    await older.getByText('1 older preview').click();
    await expect.poll(() => isLoaded(older.getByTestId('sweep-picture').getByRole('img'))).toBe(true);
  });

  it('are accessible in light and dark, wide and narrow', async () => {
    const looker = await newVisitor(service.url);
    await looker.context.addCookies(await visitor.context.cookies());
    const found: string[] = [];
    const tabs = ['queue', 'bases', 'profiles'].map((tab) => `/admin/previews?tab=${tab}`);
    for (const path of [loraPath, '/', '/?view=grid', ...tabs]) {
      await looker.page.emulateMedia({ colorScheme: 'dark' });
      await looker.page.goto(path);
      await looker.page.locator('h1').first().waitFor();
      found.push(...(await findViolationsInBothModes(looker.page)).map((violation) => `${path}: ${violation}`));
      await looker.page.setViewportSize({ width: 375, height: 812 });
      if ((await widthBeyond(looker.page)) > 0) found.push(`${path}: too wide on a telephone`);
      await looker.page.setViewportSize({ width: 1280, height: 800 });
    }
    expect([...found, ...looker.complaints]).toEqual([]);
    await looker.context.close();
  });

  it('leave nothing in the console', () => {
    // What a browser says of the picture that the service refused.
    expect(visitor.complaints.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });
});

/** Runs in the page: keeps how many tiles of the strip are drawn, each count once in a row. */
function recordTiles(): void {
  const seen: number[] = [];
  (window as unknown as { seen: number[] }).seen = seen;
  const note = () => {
    const count = document.querySelectorAll('[data-testid="sweep-strip"] [data-drawn="true"]').length;
    if (seen.at(-1) !== count) seen.push(count);
  };
  note();
  new MutationObserver(note).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-drawn'],
  });
}

function readTiles(): number[] {
  return (window as unknown as { seen: number[] }).seen;
}

/** Runs in the page: the SHA-256 of a picture's pixels as the browser shows them. */
async function digest(source: string): Promise<string> {
  const bitmap = await createImageBitmap(await (await fetch(source)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('There is no canvas.');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Runs in the page: the bytes at an address, in base64. */
async function fetchBytes(source: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(source)).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

function widthBeyond(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

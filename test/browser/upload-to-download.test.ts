import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { type ByteSource, openFileSource } from '#scanner/index.ts';
import { DTYPE_BYTES, readTensorTable } from '#scanner/tensors/index.ts';
import { type BreakableProxy, startProxy } from '../support/breakable-proxy.ts';
import { HANG_MS } from '../support/limits.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { closeBrowser, newVisitor, noBrowser, settled, signUp, type Visitor } from './support/page.ts';

const NAME = 'evening harbour.ckpt';
/** Bytes a second while an upload is watched; slow enough to be interrupted in the middle. */
const SLOW = 30_000;
const ADA = { name: 'Ada', email: 'ada@example.org', password: 'correct horse' };

describe.skipIf(noBrowser !== null)('a checkpoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse browser '));
  const path = join(folder, NAME);
  let service: TestService;
  let line: BreakableProxy;
  let visitor: Visitor;
  let page: Page;
  let network: CDPSession;

  beforeAll(async () => {
    writeCheckpoint(path, 'sd1', { seed: 3 });
    service = await startTestService({ env: { WEIGHHOUSE_MAX_UPLOAD_GB: '4096' } });
    line = await startProxy(service.url);
    visitor = await newVisitor(line.url);
    page = visitor.page;
    network = await visitor.context.newCDPSession(page);
    page.on('dialog', (dialog) => void dialog.accept());
  });
  afterAll(async () => {
    await closeBrowser();
    await line.close();
    await service.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const setSpeed = (uploadThroughput: number) =>
    network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  const openUploads = () => page.getByTestId('uploads-button').click();
  const rowOf = (name: string) => page.getByTestId('upload-row').filter({ hasText: name });
  const stateOf = (name: string) => rowOf(name).getAttribute('data-state');
  const row = () => page.getByTestId('upload-row').filter({ hasText: NAME });
  const percent = async () => {
    const text = (await row().textContent()) ?? '';
    return Number(/(\d+) %/.exec(text)?.[1] ?? 0);
  };
  const waitForPercent = async (least: number) => {
    await expect.poll(percent, { interval: 50 }).toBeGreaterThanOrEqual(least);
  };

  it('is sent by a new account through the form', async () => {
    await signUp(page, ADA);
    await page.goto('/upload');
    await page.evaluate(recordPhases);
    await setSpeed(SLOW);
    await page.getByTestId('file-input').setInputFiles(path);
    await waitForPercent(10);
    expect(await row().textContent()).toMatch(/KiB\/s, .* left/);
  });

  it('can be paused and resumed', async () => {
    await page.getByRole('button', { name: `Pause ${NAME}` }).click();
    await expect.poll(() => row().getAttribute('data-state')).toBe('paused');
    const before = await percent();
    // biome-ignore lint/plugin: that nothing comes any more shows over some time alone, and fails no sooner on a slow machine
    await new Promise((next) => setTimeout(next, 1000));
    expect(await percent()).toBe(before);
    await page.getByRole('button', { name: `Resume ${NAME}` }).click();
    await waitForPercent(before + 5);
  });

  it('goes on by itself when the line was cut', async () => {
    const before = await percent();
    const broken = page.waitForEvent('requestfailed');
    line.cut();
    await broken;
    line.restore();
    await waitForPercent(before + 5);
    expect(await row().getAttribute('data-state')).toBe('uploading');
  });

  it('goes on by itself when the service was started again', async () => {
    const before = await percent();
    await service.stop();
    await expect.poll(() => row().getAttribute('data-state')).toBe('retrying');
    // It counts down to the next attempt, and estimates nothing.
    await expect.poll(() => row().textContent()).toMatch(/No connection.*Trying again/);
    expect(await row().textContent()).not.toMatch(/left|KiB\/s/);
    await service.start();
    await waitForPercent(before + 5);
    expect(await row().getAttribute('data-state')).toBe('uploading');
  });

  it('goes on where it was when the page is loaded again and the file is chosen again', async () => {
    line.cut();
    line.restore();
    await page.reload();
    await expect.poll(() => row().getAttribute('data-state')).toBe('unfinished');
    // What was shown before may have been on its way still when the line was cut.
    const received = await percent();
    expect(received).toBeGreaterThan(10);

    await page.evaluate(recordPhases);
    await setSpeed(SLOW);
    await page.getByTestId('file-input').setInputFiles(path);
    await expect.poll(() => row().getAttribute('data-state')).toBe('uploading');
    await waitForPercent(received);
    expect(await percent()).toBeLessThan(100);
    await setSpeed(-1);
  });

  it('passes its stages in the tray, which stays from page to page', async () => {
    await page.getByRole('link', { name: 'Catalog', exact: false }).first().click();
    await page.waitForURL((url) => url.pathname === '/');
    await openUploads();
    await expect.poll(() => row().getAttribute('data-state')).toBe('done');
    const phases = await page.evaluate(() => (window as unknown as { phases: string[] }).phases);
    // A stage of a small file may be over before the page hears of it; those it shows are in order.
    const inOrder = ['uploading', 'hashing', 'scanning', 'identifying', 'converting', 'verifying', 'done'];
    const shown = phases.filter((phase) => inOrder.includes(phase));
    expect(shown).toEqual(inOrder.filter((phase) => shown.includes(phase)));
    expect(shown.length).toBeGreaterThan(2);
    expect(await row().getAttribute('data-verdict')).toBe('clean');
  });

  it('is found by its base model, and not under another', async () => {
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Filters' }).getByLabel('SD 1.x').check();
    await page.waitForURL(/base=sd1/);
    const results = page.getByRole('main');
    await expect.poll(() => results.getByRole('link', { name: 'evening harbour' }).count()).toBe(1);
    await page.goto('/?base=sdxl');
    await expect.poll(() => page.getByText('No model', { exact: false }).count()).toBeGreaterThan(0);
    expect(await results.getByRole('link', { name: 'evening harbour' }).count()).toBe(0);
  });

  it('is downloaded as safetensors with the bytes of every tensor', async () => {
    await page.goto('/?base=sd1');
    await page.getByRole('main').getByRole('link', { name: 'evening harbour' }).click();
    await page.waitForURL(/\/models\/\d+/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /^Download \(/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('evening harbour.safetensors');
    const target = join(folder, 'downloaded.safetensors');
    await download.saveAs(target);
    expect(compareTensors(path, target)).toBe(true);
  });

  it('is not stored again under another name', async () => {
    await page.goto('/upload');
    await page.getByTestId('file-input').setInputFiles({
      name: 'same bytes.ckpt',
      mimeType: 'application/octet-stream',
      buffer: readFileSync(path),
    });
    const again = page.getByTestId('upload-row').filter({ hasText: 'same bytes.ckpt' });
    await expect.poll(() => again.getAttribute('data-state')).toBe('duplicate');
    await again.getByRole('link').click();
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('evening harbour');
  });

  it('is shown by another tab, which sends nothing and goes on when the first is closed', async () => {
    const late = join(folder, 'late harbour.ckpt');
    writeCheckpoint(late, 'sd1', { seed: 4 });
    await page.goto('/upload');
    await setSpeed(SLOW);
    await page.getByTestId('file-input').setInputFiles(late);
    await expect.poll(() => stateOf('late harbour')).toBe('uploading');

    const second = await visitor.context.newPage();
    second.setDefaultTimeout(HANG_MS);
    second.on('dialog', (dialog) => void dialog.accept());
    const sent: string[] = [];
    second.on('request', (request) => {
      if (/\/api\/uploads(\/|$)/.test(request.url())) sent.push(request.method());
    });
    await second.goto('/upload');
    const other = second.getByTestId('upload-row').filter({ hasText: 'late harbour' });
    await expect.poll(() => other.getAttribute('data-state')).toBe('elsewhere');
    await expect.poll(() => other.textContent()).toMatch(/Uploading in another tab: (less than )?\d+ %/);
    // The same file selected here as well is the same upload.
    await second.getByTestId('file-input').setInputFiles(late);
    await settled(second);
    expect([await other.count(), await other.getAttribute('data-state'), sent]).toEqual([1, 'elsewhere', []]);
    expect(await stateOf('late harbour')).toBe('uploading');

    // Without its page nothing slows the request down any more: it would end before it is cancelled.
    line.cut();
    await page.close();
    page = second;
    await expect.poll(() => stateOf('late harbour')).toBe('retrying');
    line.restore();
    await expect.poll(() => stateOf('late harbour')).toBe('done');
    expect(sent).toContain('PATCH');
    expect(sent).not.toContain('POST');
  });

  it('that has no room on the server says so at once, and the files behind it go on', async () => {
    const huge = join(folder, 'huge.ckpt');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 41);
    const others = ['one.ckpt', 'two.ckpt', 'three.ckpt', 'four.ckpt'];
    for (const name of others) writeFileSync(join(folder, name), `not much of a model: ${name}`);
    await page.goto('/upload');
    await page.getByTestId('file-input').setInputFiles([huge, ...others.map((name) => join(folder, name))]);
    await expect.poll(() => stateOf('huge.ckpt')).toBe('failed');
    expect(await rowOf('huge.ckpt').textContent()).toMatch(/disk space on the server.*2\.00 TiB/);
    for (const name of others) await expect.poll(() => stateOf(name)).toBe('done');
    expect(await stateOf('huge.ckpt')).toBe('failed');
    expect(await page.getByTestId('uploads-button').getAttribute('aria-label')).toMatch(/1 file unfinished, 1 failed/);
  });

  it('leaves the download button free on every width, and stays closed while an upload is unfinished', async () => {
    await page.evaluate(async () => {
      const metadata = `filename ${btoa('unfinished.ckpt')}`;
      const headers = { 'tus-resumable': '1.0.0', 'upload-length': '1000', 'upload-metadata': metadata };
      await fetch('/api/uploads', { method: 'POST', headers });
    });
    for (const [width, height] of [
      [390, 844],
      [1024, 768],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.goto('/?base=sd1');
      await page.getByRole('main').getByRole('link', { name: 'evening harbour' }).click();
      const link = page.getByRole('link', { name: /^Download \(/ });
      await link.scrollIntoViewIfNeeded();
      await expect
        .poll(() => page.getByTestId('uploads-button').getAttribute('aria-label'))
        .toMatch(/1 file unfinished/);
      expect(await page.getByTestId('upload-tray').count()).toBe(0);
      const isFree = await link.evaluate((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        const spots = [0.02, 0.5, 0.98].map((share) => document.elementFromPoint(x + share * width, y + height / 2));
        return spots.every((spot) => element.contains(spot));
      });
      expect([width, isFree]).toEqual([width, true]);

      await openUploads();
      await page.getByTestId('upload-tray').waitFor();
      const box = await page.getByTestId('upload-tray').boundingBox();
      expect(box !== null && box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        const { violations } = await new AxeBuilder({ page }).include('[data-testid="upload-tray"]').analyze();
        expect(violations.map(({ id }) => id)).toEqual([]);
      }
      await page.keyboard.press('Escape');
      await page.getByTestId('upload-tray').waitFor({ state: 'detached' });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('goes on after signing in again, from its row', async () => {
    await page.goto('/upload');
    await visitor.context.clearCookies();
    const file = join(folder, 'after the session.ckpt');
    writeFileSync(file, 'not much of a model either');
    await page.getByTestId('file-input').setInputFiles(file);
    await expect.poll(() => stateOf('after the session')).toBe('failed');
    const [signIn] = await Promise.all([
      visitor.context.waitForEvent('page'),
      rowOf('after the session')
        .getByRole('link', { name: /^Sign in/ })
        .click(),
    ]);
    signIn.setDefaultTimeout(HANG_MS);
    // Before its scripts run, the form does nothing.
    await signIn.waitForLoadState('networkidle');
    await signIn.getByLabel('E-mail').fill(ADA.email);
    await signIn.getByLabel(/^Password/).fill(ADA.password);
    await signIn.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect.poll(() => stateOf('after the session')).toBe('done');
    await signIn.close();
  });

  it('is found in a folder, with its companion files and without the rest', async () => {
    const models = join(folder, 'models');
    mkdirSync(join(models, 'lora'), { recursive: true });
    for (const name of ['lora/soft light.pt', 'lora/soft light.yaml', 'lora/holiday.png', 'readme.txt'])
      writeFileSync(join(models, name), `about: ${name}`);
    await page.getByTestId('folder-input').setInputFiles(models);
    const passedOver = page.getByTestId('passed-over');
    await expect.poll(() => passedOver.getByRole('listitem').count()).toBe(2);
    expect(await passedOver.textContent()).toMatch(/2 files not uploaded/);
    expect((await passedOver.getByRole('listitem').allTextContents()).sort()).toEqual([
      'models/lora/holiday.png: No model file with the same name in its folder.',
      'models/readme.txt: Not a model file or a companion file.',
    ]);
    await expect.poll(() => stateOf('soft light.pt')).toBe('done');
    await expect.poll(() => rowOf('soft light.yaml').textContent()).toMatch(/Added to soft light/);
  });

  it('leaves nothing in the console', () => {
    // What a browser says of itself while the line is cut, and of refusals that the tests want; and where the service had stored more of the cut request by the
    // time that the upload went on from what it was told: tus answers 409, and the upload asks for the offset again.
    expect(visitor.complaints.filter((text) => !/net::ERR_|status of (401|409|507)/.test(text))).toEqual([]);
  });
});

/** Runs in the page: keeps every phase that the tray shows, each once in a row. */
function recordPhases(): void {
  const phases: string[] = [];
  (window as unknown as { phases: string[] }).phases = phases;
  const note = () => {
    const phase = document.querySelector('[data-testid="upload-row"]')?.getAttribute('data-state');
    if (phase && phases.at(-1) !== phase) phases.push(phase);
  };
  new MutationObserver(note).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-state'],
  });
}

/** Throws at the first tensor that is missing, too many, or differs in name, type, shape or one of its bytes. */
function compareTensors(source: string, target: string): boolean {
  using original = openFileSource(source);
  using converted = openFileSource(target);
  const { header, dataStart } = readSafetensorsHeader(converted);
  const { tensors } = readTensorTable(original);
  expect([...header.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
  for (const { name, dtype, shape, storage } of tensors) {
    const entry = header.get(name);
    if (entry === undefined) throw new Error(`${name} is missing.`);
    expect([name, entry.dtype, entry.shape]).toEqual([name, dtype, [...shape]]);
    const size = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
    const wanted = readAll(original, storage.start + storage.offset * DTYPE_BYTES[dtype], size);
    if (!wanted.equals(readAll(converted, dataStart + entry.begin, size))) throw new Error(`${name} differs.`);
  }
  return tensors.length > 600;
}

function readAll(source: ByteSource, start: number, size: number): Buffer {
  return Buffer.from(source.read(start, size));
}

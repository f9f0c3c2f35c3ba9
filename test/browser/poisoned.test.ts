import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runsCommand, writeCheckpoint } from '#lib/demo/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { closeBrowser, newVisitor, noBrowser, signUp, type Visitor } from './support/page.ts';

const NAME = 'free celebrity pack.ckpt';

describe.skipIf(noBrowser !== null)('a poisoned checkpoint', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse browser '));
  const path = join(folder, NAME);
  let service: TestService;
  let admin: Visitor;
  let uploader: Visitor;
  let modelUrl: string;

  beforeAll(async () => {
    writeCheckpoint(path, 'sd1', { seed: 4, extras: [runsCommand()] });
    service = await startTestService();
    admin = await newVisitor(service.url);
    uploader = await newVisitor(service.url);
    await signUp(admin.page, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' });
    await signUp(uploader.page, { name: 'Ben', email: 'ben@example.org', password: 'battery staple' });
  });
  afterAll(async () => {
    await closeBrowser();
    await service.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const banner = (page: Page) => page.getByTestId('verdict-banner');
  const statusOf = (page: Page, address: string) =>
    page.evaluate((target) => fetch(target).then(({ status }) => status), address);
  const fileId = async () => {
    const model = await uploader.page.evaluate(
      (id) => fetch(`/api/models/${id}`).then((response) => response.json()),
      Number(/\/models\/(\d+)/.exec(modelUrl)?.[1]),
    );
    return (model as { versions: { files: { id: number }[] }[] }).versions[0]?.files[0]?.id;
  };

  it('is blocked, and its uploader is told what it would do', async () => {
    const { page } = uploader;
    await page.goto('/upload');
    await page.getByTestId('file-input').setInputFiles(path);
    const row = page.getByTestId('upload-row').filter({ hasText: NAME });
    await expect.poll(() => row.getAttribute('data-state')).toBe('done');
    expect(await row.getAttribute('data-verdict')).toBe('dangerous');

    await row.getByRole('link').click();
    await page.waitForURL(/\/models\/\d+/);
    modelUrl = page.url();
    await expect.poll(() => banner(page).getAttribute('data-verdict')).toBe('dangerous');
    expect(await banner(page).textContent()).toMatch(/runs code.*would run/i);
    expect(await banner(page).textContent()).toContain('harmless');
    expect(await page.getByTestId('no-download').textContent()).toMatch(/quarantine/);
    expect(await page.getByRole('link', { name: /^Download/ }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Disarm' }).count()).toBe(0);
  });

  it('is handed out to nobody but moderators, and not listed for visitors', async () => {
    const original = `/api/files/${await fileId()}/original`;
    expect(await statusOf(uploader.page, original)).toBe(403);
    const stranger = await newVisitor(service.url);
    await stranger.page.goto('/');
    expect(await stranger.page.getByRole('link', { name: 'free celebrity pack' }).count()).toBe(0);
    expect(await statusOf(stranger.page, original)).toBe(404);
    expect((await stranger.page.goto(modelUrl))?.status()).toBe(404);

    expect(await statusOf(admin.page, original)).toBe(200);
  });

  it('is no link for somebody else who has the same file, who is told why', async () => {
    const { page, context } = await newVisitor(service.url);
    await signUp(page, { name: 'Cleo', email: 'cleo@example.org', password: 'battery staple' });
    await page.goto('/upload');
    await page.getByTestId('file-input').setInputFiles(path);
    const row = page.getByTestId('upload-row').filter({ hasText: NAME });
    await expect.poll(() => row.getAttribute('data-state')).toBe('duplicate');
    expect(await row.textContent()).toMatch(/already in the catalog, in a model that is not published/i);
    expect(await row.getByRole('link').count()).toBe(0);
    await context.close();
  });

  it('is disarmed by a moderator, and then anybody can have its tensors', async () => {
    const { page } = admin;
    await page.goto(modelUrl);
    await page.getByRole('button', { name: 'Disarm' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disarm' }).click();
    const link = page.getByRole('link', { name: /^Download/ });
    await expect.poll(() => link.count()).toBe(1);
    expect(await banner(page).textContent()).toMatch(/disarmed/);

    const stranger = await newVisitor(service.url);
    await stranger.page.goto(modelUrl);
    const [download] = await Promise.all([
      stranger.page.waitForEvent('download'),
      stranger.page.getByRole('link', { name: /^Download/ }).click(),
    ]);
    const target = join(folder, 'disarmed.safetensors');
    await download.saveAs(target);
    const bytes = readFileSync(target);
    expect(bytes.includes('echo')).toBe(false);
    expect(bytes.includes('model.diffusion_model.input_blocks.0.0.weight')).toBe(true);
    expect(await statusOf(stranger.page, `/api/files/${await fileId()}/original`)).toBe(403);
  });

  it('leaves a trace of the fetch and of the decision', async () => {
    const { page } = admin;
    await page.goto('/admin/audit');
    const log = page.getByRole('main');
    await expect.poll(() => log.textContent()).toMatch(/disarm/i);
    expect(await log.textContent()).toMatch(/quarantine/i);
  });
});

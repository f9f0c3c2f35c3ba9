import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogResult, CatalogRow, ModelPatch } from '#lib/catalog/client.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  browser,
  closeBrowser,
  findViolations,
  findViolationsInBothModes,
  newVisitor,
  noBrowser,
  settled,
  signUp,
  type Visitor,
} from './support/page.ts';

/** Markup, a mark that turns the line around, one that shows nothing, and no place to break. */
const HOSTILE_NAME = `<img src=x onerror="window.hit=1"> \u202Egnp.loaf\u200b ${'W'.repeat(120)}`;
const HOSTILE_TEXT = [
  '<script>window.hit = 1</script>',
  '[press](javascript:window.hit=1)',
  '![far](https://example.org/far.png)',
  'x'.repeat(400),
].join('\n\n');

describe.skipIf(noBrowser !== null)('the pages', () => {
  let service: TestService;
  let admin: Visitor;
  let rows: CatalogRow[];

  beforeAll(async () => {
    service = await startTestService({ demo: true });
    admin = await newVisitor(service.url);
    await signUp(admin.page, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' });
    rows = await waitForVerdicts(admin.page);
    await edit(idOf('north-window-768'), { name: HOSTILE_NAME, description: HOSTILE_TEXT, type: 'lora' });
    await edit(idOf('harbour-light-v1'), { tags: ['landscape', 'light'] });
  });
  afterAll(async () => {
    await closeBrowser();
    await service.dispose();
  });

  const idOf = (name: string) => {
    const row = rows.find((one) => one.name === name);
    if (row === undefined) throw new Error(`There is no ${name}.`);
    return row.id;
  };
  const edit = (id: number, patch: ModelPatch) =>
    admin.page.evaluate(
      async ([path, body]) => {
        const headers = { 'content-type': 'application/json' };
        const { status } = await fetch(path, { method: 'PATCH', headers, body });
        if (status !== 200) throw new Error(`The edit was answered ${status}.`);
      },
      [`/api/models/${id}`, JSON.stringify(patch)] as const,
    );

  const openPages = () => ['/', '/?view=grid', '/?q=nothing-is-called-this', '/sign-in', '/sign-up'];
  const modelPages = () =>
    ['safety', 'identity', 'compatible', 'tensors', 'hashes'].map((tab) => `${modelPath()}?tab=${tab}`);
  const modelPath = () => `/models/${idOf('harbour-light-v1')}`;
  const adminPages = () => [
    '/',
    '/?view=grid&sort=name',
    '/?page=99',
    '/upload',
    '/merge',
    '/account',
    '/admin/users',
    '/admin/jobs',
    '/admin/imports',
    '/admin/audit',
    `/models/${idOf('too-good-to-be-true')}`,
    `/models/${idOf('studio-export-inpainting')}`,
    `/models/${idOf('north-window-768')}`,
  ];

  /**
   * Looks at each page on its own: axe in both modes, the console, refused requests, width on a telephone, title and heading.
   * It is loaded in dark mode, in which the first thing that runs changes what the server sent.
   */
  async function examine(visitor: Visitor, paths: readonly string[]): Promise<string[]> {
    const { page, complaints } = visitor;
    const faults: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    for (const path of paths) {
      complaints.length = 0;
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(path);
      await page.locator('h1').first().waitFor();
      await page.waitForFunction(() => document.querySelector('[role="status"] .mantine-Skeleton-root') === null);
      const found = await findViolationsInBothModes(page);
      if ((await page.locator('h1').count()) !== 1) found.push('not one h1');
      if (!(await page.title()).includes('Weighhouse')) found.push('no title');
      await page.setViewportSize({ width: 390, height: 844 });
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) found.push(`${wide} px too wide on a telephone`);
      await page.setViewportSize({ width: 1280, height: 800 });
      faults.push(...[...found, ...complaints].map((fault) => `${path}: ${fault}`));
    }
    return faults;
  }

  it('are accessible and quiet for visitors, light and dark', async () => {
    const visitor = await newVisitor(service.url);
    expect(await examine(visitor, [...openPages(), ...modelPages()])).toEqual([]);
    await visitor.context.close();
  });

  it('are accessible and quiet for the administrator, light and dark', async () => {
    const visitor = await asAdmin();
    expect(await examine(visitor, adminPages())).toEqual([]);
    await visitor.context.close();
  });

  it('have accessible dialogs and menus, light and dark', async () => {
    const { page, context } = await asAdmin();
    const check = (part = '[role="dialog"]') => findViolationsInBothModes(page, part);
    await page.goto(`/models/${idOf('too-good-to-be-true')}`);
    for (const name of ['Edit', 'Delete model', 'Disarm', 'Download quarantined original']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByRole('dialog').waitFor();
      expect([name, ...(await check())]).toEqual([name]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.goto(modelPath());
    await page.getByRole('button', { name: 'Convert…' }).click();
    await page.getByRole('dialog').waitFor();
    // Nothing is chosen yet, which it says.
    await page.getByRole('button', { name: 'Convert', exact: true }).click();
    await page.getByText('Change at least one option.').waitFor();
    expect(await check()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto('/account');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await check()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Account of Ada' }).click();
    await page.getByRole('menu').waitFor();
    expect(await check('[role="menu"]')).toEqual([]);
    await context.close();
  });

  const asAdmin = async () => {
    const visitor = await newVisitor(service.url);
    await visitor.context.addCookies(await admin.context.cookies());
    return visitor;
  };

  it('answer 404 with a page that says so', async () => {
    const { page, context } = await newVisitor(service.url);
    for (const path of ['/nowhere', '/models/999999', `/models/${idOf('too-good-to-be-true')}`]) {
      expect((await page.goto(path))?.status()).toBe(404);
      expect(await page.locator('h1').textContent()).toBe('Page not found');
      expect(await findViolations(page)).toEqual([]);
    }
    await context.close();
  });

  it('keep the whole search in the URL, there and back', async () => {
    const { page, context, complaints } = await newVisitor(service.url);
    const names = () => page.locator('[data-model-link]').allTextContents();
    await page.goto('/');
    await expect.poll(names).toHaveLength(6);
    const all = await names();

    await page.getByRole('navigation', { name: 'Filters' }).getByLabel('Checkpoint').check();
    await page.waitForURL(/type=checkpoint/);
    await expect.poll(names).toHaveLength(2);
    await page.getByRole('button', { name: 'Name' }).click();
    await page.waitForURL(/sort=name/);
    await expect.poll(names).toEqual(['copper-meadow-xl', 'harbour-light-v1']);
    await page.getByText('Grid', { exact: true }).click();
    await page.waitForURL(/view=grid/);

    await page.reload();
    await expect.poll(names).toEqual(['copper-meadow-xl', 'harbour-light-v1']);
    expect(await page.getByRole('navigation', { name: 'Filters' }).getByLabel('Checkpoint').isChecked()).toBe(true);
    expect(await page.getByRole('table').count()).toBe(0);

    await page.goBack();
    await expect.poll(() => page.getByRole('table').count()).toBe(1);
    await page.goBack();
    await page.goBack();
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await expect.poll(names).toEqual(all);
    expect(await page.getByRole('navigation', { name: 'Filters' }).getByLabel('Checkpoint').isChecked()).toBe(false);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('search while one types, and lose no letter to a slow answer', async () => {
    const { page, context } = await newVisitor(service.url);
    await page.goto('/');
    let asked = 0;
    const typed = Promise.withResolvers<void>();
    await page.route(
      (url) => url.searchParams.has('q'),
      async (route) => {
        asked += 1;
        await typed.promise;
        await route.continue().catch(() => {});
      },
    );
    const search = page.getByLabel('Search models');
    const hasFocus = () => search.evaluate((field) => field === document.activeElement);
    // A key that is pressed before the page listens is lost, on a busy machine.
    await expect
      .poll(async () => {
        if (!(await hasFocus())) await page.keyboard.press('/');
        return await hasFocus();
      })
      .toBe(true);
    // Letter by letter without a moment between: as fast as nobody types, on any machine.
    const type = (text: string) =>
      page.evaluate((letters) => {
        for (const letter of letters) document.execCommand('insertText', false, letter);
      }, text);
    await type('paper-');
    await expect.poll(() => asked).toBe(1);
    await type('lanterns');
    typed.resolve();
    await expect.poll(() => page.locator('[data-model-link]').allTextContents()).toEqual(['paper-lanterns-lora']);
    expect(await page.getByLabel('Search models').inputValue()).toBe('paper-lanterns');
    expect(asked).toBeLessThan('paper-lanterns'.length);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('[data-model-link]').count()).toBe(6);
    await context.close();
  });

  it('can be used with the keyboard alone', async () => {
    const { page, context } = await newVisitor(service.url);
    const names = () => page.locator('[data-model-link]').allTextContents();
    await page.goto('/?sort=name');
    await expect.poll(names).toHaveLength(6);
    const ascending = await names();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'content');

    const reach = async (name: RegExp) => {
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press('Tab');
        const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
        if (name.test(text)) return;
      }
      throw new Error(`Tab does not lead to ${name}.`);
    };
    await reach(/^Name$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/dir=desc/);
    // A row that is moved while it has the focus loses it: the new order has to be there first.
    await expect.poll(names).toEqual(ascending.toReversed());
    await reach(/^quiet-hands$/);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).not.toBe('none');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/models\/\d+-quiet-hands/);
    expect(await page.locator('h1').textContent()).toBe('quiet-hands');
    await context.close();
  });

  it('show hostile names and texts as text', async () => {
    const { page, context, complaints } = await newVisitor(service.url);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`/models/${idOf('north-window-768')}`);
    const heading = await page.locator('h1').textContent();
    expect(heading).toContain('<img src=x onerror="window.hit=1"> [U+202E]gnp.loaf[U+200B]');
    expect(await page.title()).not.toMatch(/[\u202E\u200B]/);
    expect(await page.getByText('<script>window.hit = 1</script>').count()).toBe(1);
    expect(await page.locator('main a[href^="javascript"], main img, main script').count()).toBe(0);
    await page.goto('/?q=gnp');
    await page.locator('[data-model-link]').first().waitFor();
    expect(await page.locator('[data-model-link]').first().textContent()).toContain('[U+202E]');
    expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
    expect(requests.filter((url) => !url.startsWith(service.url))).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('say before a file is chosen that an account may not upload', async () => {
    const { page, context } = await newVisitor(service.url);
    await page.goto('/upload');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await page.getByText('You need an account to upload').count()).toBe(1);

    await signUp(page, { name: 'Ben', email: 'ben@example.org', password: 'battery staple' });
    await admin.page.goto('/admin/users');
    await admin.page.getByRole('combobox', { name: 'Role of Ben' }).click();
    await admin.page.getByRole('option', { name: /^Viewer/ }).click();
    await admin.page.getByText('Ben is now Viewer').waitFor();
    await settled(admin.page);
    expect(await findViolations(admin.page)).toEqual([]);
    await page.goto('/upload');
    expect(await page.locator('h1').textContent()).toBe('You do not have permission to upload');
    expect(await page.getByTestId('file-input').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Upload' }).count()).toBe(0);
    await context.close();
  });

  it('move nothing for those who asked for that', async () => {
    const context = await browser().newContext({ baseURL: service.url, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto('/?view=grid');
    const card = page.locator('[data-model-link]').first();
    await card.waitFor();
    const running = await page.evaluate(() => document.getAnimations().length);
    expect(running).toBe(0);
    await context.close();
  });

  it('let what is not identified be set for many at once', async () => {
    const { page, context, complaints } = await asAdmin();
    await page.goto('/');
    await page.getByRole('button', { name: 'Not identified (1)' }).click();
    await page.waitForURL(/unknown=true/);
    await expect.poll(() => page.locator('[data-model-link]').allTextContents()).toEqual(['clear-glass.vae']);
    await page.getByLabel('Select all models on this page').check();
    await page.getByRole('region', { name: 'Selected models' }).getByRole('button', { name: 'Set base model' }).click();
    await page.getByRole('combobox', { name: 'Base model' }).fill('SD 1');
    await page.getByRole('option', { name: 'SD 1.x' }).click();
    await settled(page);
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.waitForURL(/\/bulk\/\d+$/);
    await page.getByRole('tab', { name: 'Changed (1)' }).waitFor();
    await page.getByTestId('bulk-state').getByText('Done').waitFor();
    await page.goto(`/models/${idOf('clear-glass.vae')}`);
    expect(await page.getByText('SD 1.x, set manually').count()).toBe(1);

    // The same rules find nothing else, and nothing is changed before somebody accepts it.
    await page.goto('/admin/jobs');
    await page.getByRole('button', { name: 'Preview changes of all files' }).click();
    await page.waitForURL(/\/bulk\/\d+$/);
    await page.getByTestId('bulk-state').getByText('Done').waitFor();
    await page.getByTestId('no-proposals').waitFor();
    await settled(page);
    expect(await findViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Waits until every demo file has its verdict and, where it is clean, its safetensors. */
async function waitForVerdicts(page: Page): Promise<CatalogRow[]> {
  const load = async () => {
    const result = await page.evaluate(() => fetch('/api/catalog?size=100').then((response) => response.json()));
    return (result as CatalogResult).rows;
  };
  const isFinished = ({ verdict, conversion }: CatalogRow) =>
    verdict === 'clean' ? conversion === 'converted' : ['suspicious', 'dangerous'].includes(verdict);
  return await waitFor(load, (rows) => rows.length > 0 && rows.every(isFinished), 500);
}

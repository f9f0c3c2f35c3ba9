import type { Browser, BrowserContext, Page } from 'playwright-core';
import { HANG_MS } from '../../support/limits.ts';
import { launchBrowser } from './chromium.ts';

const search = await launchBrowser();

/** Why there is no browser for the tests; null when there is one. */
export const noBrowser: string | null = search.browser === null ? search.reason : null;
if (noBrowser !== null) console.warn(`The browser tests are skipped: ${noBrowser}`);

/** The browser of this test file. Throws where there is none: such tests are to be skipped. */
export function browser(): Browser {
  if (search.browser === null) throw new Error(search.reason);
  return search.browser;
}

export function closeBrowser(): Promise<void> {
  return search.browser?.close() ?? Promise.resolve();
}

export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** What went wrong in the page so far: console errors, exceptions, requests that were refused. */
  complaints: string[];
}

/** A window of its own with its own cookies, which keeps what the page complains about. */
export async function newVisitor(
  baseURL: string,
  {
    colorScheme = 'light',
    width = 1280,
    height = 800,
  }: { colorScheme?: 'light' | 'dark'; width?: number; height?: number } = {},
): Promise<Visitor> {
  const context = await browser().newContext({ baseURL, colorScheme, viewport: { width, height } });
  const page = await context.newPage();
  page.setDefaultTimeout(HANG_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints };
}

export interface Credentials {
  name: string;
  email: string;
  password: string;
}

/** Makes an account through the form, as a newcomer does. */
export async function signUp(page: Page, { name, email, password }: Credentials): Promise<void> {
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((url) => url.pathname === '/');
}

/** Waits until nothing fades any more: half a dialog has half its contrast. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => delete document.body.dataset.stillSince);
  await page.waitForFunction(() => {
    const moves = document.getAnimations().some(({ playState, effect }) => {
      const endless = effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY;
      return !endless && playState === 'running';
    });
    // A menu is there some frames before it begins to appear, and on a busy machine a frame takes its time.
    const since = moves ? undefined : Number(document.body.dataset.stillSince ?? performance.now());
    if (since === undefined) delete document.body.dataset.stillSince;
    else document.body.dataset.stillSince = String(since);
    return since !== undefined && performance.now() - since > 300;
  });
}

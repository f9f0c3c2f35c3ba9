import { AxeBuilder } from '@axe-core/playwright';
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

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
/** The rules of these whose answer depends on colors: all others say the same in dark mode. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** What of WCAG A and AA is broken on a page, or in the part of it that a selector names. */
export async function findViolations(page: Page, part?: string): Promise<string[]> {
  return await runAxe(axeOf(page, part).withTags(WCAG));
}

/** The same in light mode and in dark mode, and leaves it in light mode. */
export async function findViolationsInBothModes(page: Page, part?: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await settled(page);
  const dark = await runAxe(axeOf(page, part).withRules(COLOR_RULES));
  await page.emulateMedia({ colorScheme: 'light' });
  await settled(page);
  return [...dark.map((violation) => `dark mode: ${violation}`), ...(await findViolations(page, part))];
}

function axeOf(page: Page, part?: string): AxeBuilder {
  const axe = new AxeBuilder({ page });
  return part === undefined ? axe : axe.include(part);
}

async function runAxe(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target.join(' ')}`));
}

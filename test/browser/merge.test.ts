import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafeCheckpoint } from '#lib/demo/index.ts';
import { startTestService, type TestService } from '../support/service.ts';
import {
  closeBrowser,
  findViolationsInBothModes,
  newVisitor,
  noBrowser,
  signUp,
  type Visitor,
} from './support/page.ts';

describe.skipIf(noBrowser !== null)('the merge form', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse merge browser '));
  let service: TestService;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    const files = ['daylight', 'moonlight'].map((name, seed) => {
      const path = join(folder, `${name}.safetensors`);
      writeSafeCheckpoint(path, 'sd1', { seed });
      return path;
    });
    service = await startTestService();
    visitor = await newVisitor(service.url);
    page = visitor.page;
    await signUp(page, { name: 'Ada', email: 'ada@example.org', password: 'correct horse' });
    await page.goto('/upload');
    await page.getByTestId('file-input').setInputFiles(files);
  });
  afterAll(async () => {
    await closeBrowser();
    await service.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const choose = async (label: string, text: string) => {
    const field = page
      .getByRole('combobox', { name: label })
      .or(page.getByRole('textbox', { name: label }))
      .first();
    await field.fill(text);
    await page.getByRole('option', { name: text }).first().click();
  };

  it('says what is missing before anything is sent', async () => {
    await expect
      .poll(() =>
        page.evaluate(async () => {
          const answer = await fetch('/api/catalog?type=checkpoint');
          const { rows } = (await answer.json()) as { rows: { conversion: string }[] };
          return rows.filter(({ conversion }) => conversion === 'converted').length;
        }),
      )
      .toBe(2);
    await page.goto('/merge');
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('Enter a name for the new model.').waitFor();
    expect(await page.getByText('Select a model.').count()).toBe(2);
    const focused = () => page.evaluate(() => document.activeElement?.closest('[class*="Select-root"]')?.textContent);
    await expect.poll(focused).toContain('Model A');
    expect(await page.getByTestId('merge').count()).toBe(0);
  });

  it('can be read by everybody, in light and in dark', async () => {
    expect(await findViolationsInBothModes(page)).toEqual([]);
  });

  it('makes a model of two, with block weights, that leads to its parents', async () => {
    await choose('Model A', 'daylight');
    await choose('Model B', 'moonlight');
    await page
      .getByRole('combobox', { name: 'Block weights (optional)' })
      .or(page.getByLabel('Block weights (optional)'))
      .first()
      .click();
    await page.getByRole('option', { name: 'Increasing from 0 to 1' }).click();
    const numbers = await page.getByLabel('Block weights, separated by commas').inputValue();
    expect(numbers.split(',')).toHaveLength(25);
    await page.getByLabel('Name of the new model').fill('Twilight');
    await page.getByLabel('Name of the new model').press('Enter');

    const row = page.getByTestId('merge').filter({ hasText: 'Twilight' });
    await expect.poll(() => row.getByTestId('merge-state').textContent()).toBe('Done');
    await row.getByRole('link', { name: 'Twilight' }).click();
    await page.getByRole('heading', { level: 1, name: 'Twilight' }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });
});

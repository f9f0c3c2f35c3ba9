import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScanReader } from '#lib/cli/scan/scan-reader.ts';
import { writeCheckpoint } from '#lib/demo/index.ts';

describe('what scans a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse scan '));
  const path = join(folder, 'a.ckpt');
  beforeAll(() => writeCheckpoint(path, 'sd1', { seed: 1 }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says the same of its safety, and more only where that is asked for', async () => {
    const plain = (await loadScanReader({}))(path, {});
    const identified = (await loadScanReader({ identify: true }))(path, {});
    const explained = (await loadScanReader({ explain: { colour: false } }))(path, {});
    expect(plain).toEqual({ path, report: identified.report });
    expect(identified).toMatchObject({ type: 'checkpoint', base: 'sd1', report: { verdict: 'clean' } });
    expect(explained.report).toEqual(plain.report);
    expect(explained.explanation).toContain('a.ckpt');
  });
});

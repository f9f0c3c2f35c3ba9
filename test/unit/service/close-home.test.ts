import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeHome } from '#lib/service/close-home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighhouse home '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
function makeOpen(path: string): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')('the data folder', () => {
  it('is made for its owner alone', async () => {
    const home = join(folder, 'new', 'data');
    await closeHome(home);
    expect(modeOf(home)).toBe('700');
  });

  it('of an earlier version is closed, whatever file systems left in it', async () => {
    const home = makeOpen(join(folder, 'data'));
    makeOpen(join(home, 'blobs'));
    makeOpen(join(home, 'lost+found'));
    await closeHome(home);
    expect(modeOf(home)).toBe('700');
  });

  it('stays open where somebody else has files in it, and what the service has is closed', async () => {
    const home = makeOpen(join(folder, 'shared'));
    makeOpen(join(home, 'blobs'));
    writeFileSync(join(home, 'postgres-password'), 'secret', { mode: 0o644 });
    makeOpen(join(home, 'photos'));
    await closeHome(home);
    expect(modeOf(home)).toBe('755');
    expect(modeOf(join(home, 'photos'))).toBe('755');
    for (const name of ['blobs', 'scratch', 'uploads', 'incoming', 'cache'])
      expect(modeOf(join(home, name))).toBe('700');
    expect(modeOf(join(home, 'postgres-password'))).toBe('600');
  });
});

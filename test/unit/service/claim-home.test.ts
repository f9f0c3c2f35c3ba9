import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimHome } from '#lib/service/claim-home.ts';

let home: string;
let other: ChildProcess | null = null;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'weighhouse claim '));
});
afterEach(() => {
  other?.kill();
  rmSync(home, { recursive: true, force: true });
});

/** A process whose program has this name holds the data folder. */
async function hold(program: string): Promise<void> {
  const path = join(home, program);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "console.log('runs'); setInterval(() => {}, 1000);");
  other = spawn(process.execPath, [path]);
  await once(other.stdout as NodeJS.ReadableStream, 'data');
  writeFileSync(join(home, 'service.pid'), `${other.pid}\n`);
}

describe.skipIf(process.platform !== 'linux')('a data folder', () => {
  it.each(['lib/service/main.ts', 'dist/lib/service/main.js'])(
    'is kept from a second service beside %s',
    async (path) => {
      await hold(path);
      await expect(claimHome(home)).rejects.toThrow(String(other?.pid));
    },
  );

  it('is free where the process id belongs to another program by now', async () => {
    await hold('editor.js');
    const releaseHome = await claimHome(home);
    expect(readFileSync(join(home, 'service.pid'), 'utf8')).toBe(`${process.pid}\n`);
    releaseHome();
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN } from '../../support/cli.ts';

const GIB = 1024 ** 3;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse stopped '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file of one tensor of zeros that takes no room on disk, and longer to read than a test waits. */
beforeAll(() => {
  const bytes = 16 * GIB;
  const header = Buffer.from(JSON.stringify({ long: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(at('long.safetensors'), Buffer.concat([length, header]));
  truncateSync(at('long.safetensors'), 8 + header.length + bytes);
  writeFileSync(at('short.bin'), 'short');
});

const start = (...args: string[]) =>
  spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
const end = (child: ChildProcess) =>
  new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );

describe.skipIf(process.platform === 'win32')('a command that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s ends by it, and not as if all were done', async (signal) => {
    const child = start('hash', 'short.bin', 'long.safetensors');
    const ended = end(child);
    // What it prints of the first file says that it is at the second.
    child.stdout.once('data', () => child.kill(signal));
    expect(await ended).toEqual({ code: null, signal });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves no half of a conversion', async (signal) => {
    const child = start('convert', 'long.safetensors', 'out.safetensors');
    const ended = end(child);
    await expect.poll(() => readdirSync(folder)).toContainEqual(expect.stringMatching(/\.part$/));
    child.kill(signal);
    expect(await ended).toEqual({ code: 130, signal: null });
    expect(readdirSync(folder).sort()).toEqual(['long.safetensors', 'short.bin']);
  });

  it('because nobody reads on does not say that all is clean', async () => {
    const child = start('hash', 'short.bin', 'short.bin', 'long.safetensors', '--format', 'text');
    const ended = end(child);
    child.stdout.destroy();
    expect(await ended).toEqual({ code: 2, signal: null });
  });
});

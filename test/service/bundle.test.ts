import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { snapshotFile } from '#lib/process/programs.ts';
import { isBundleFresh } from '#scripts/bundle-state.mjs';
import { BIN, runCli } from '../support/cli.ts';
import { startTestService, type TestService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse bundle '));
let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});
afterAll(async () => {
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it('takes a file in, from upload to download, as compiled programs', async () => {
  expect(isBundleFresh()).toBe(true);
  expect(existsSync(snapshotFile('stage'))).toBe(true);
  const path = join(folder, 'small.ckpt');
  writeCheckpoint(path, 'sd1', { seed: 3 });
  const env = { WEIGHHOUSE_HOME: service.home };
  await fetch(`${service.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' }),
  });
  const made = await runCli(['token', 'create', '--name', 'test', '--scopes', 'read,upload'], env);
  expect([made.code, made.stderr]).toEqual([0, '']);
  const { code, stdout, stderr } = await runCli(
    ['upload', '--server', service.url, '--token', made.stdout.trim(), '--wait', path, '--format', 'json'],
    env,
  );
  expect([code, stderr]).toEqual([0, '']);
  const [file] = JSON.parse(stdout).files;
  expect(file).toMatchObject({ verdict: 'clean', conversion: 'converted' });
  expect((await fetch(file.downloadUrl)).status).toBe(200);
});

it('takes an upload whose body does not say how long it is', async () => {
  const bytes = randomBytes(300_000);
  const env = { WEIGHHOUSE_HOME: service.home };
  const { stdout } = await runCli(['token', 'create', '--name', 'chunked', '--scopes', 'upload'], env);
  const headers = { authorization: `Bearer ${stdout.trim()}`, 'tus-resumable': '1.0.0' };
  const name = Buffer.from('chunked.ckpt').toString('base64');
  const created = await fetch(`${service.url}/api/uploads`, {
    method: 'POST',
    headers: { ...headers, 'upload-length': String(bytes.length), 'upload-metadata': `filename ${name}` },
  });
  const address = new URL(created.headers.get('location') ?? '', service.url);
  const send = (offset: number, body: Buffer) => {
    const streamed: RequestInit & { duplex: 'half' } = {
      method: 'PATCH',
      headers: { ...headers, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: Readable.toWeb(Readable.from([body.subarray(0, 10), body.subarray(10)])) as BodyInit,
      duplex: 'half',
    };
    return fetch(address, streamed);
  };
  expect((await send(0, bytes.subarray(0, 100_000))).headers.get('upload-offset')).toBe('100000');
  expect((await send(100_000, bytes.subarray(100_000))).status).toBe(204);
});

it('keeps what V8 compiled of it beside it', () => {
  execFileSync(process.execPath, [BIN, '--version']);
  expect(existsSync('dist/cache')).toBe(true);
});

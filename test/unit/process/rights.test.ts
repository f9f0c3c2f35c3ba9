import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rights, WatchedProcess } from '#lib/process/index.ts';
import { DENIED } from '#test/support/denied.ts';

const HOSTILE = resolve('test/support/hostile-child.ts');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse rights ')));
const other = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse other ')));
const secret = join(folder, 'secret');
const server = createServer((socket) => socket.end());
let port = 0;

beforeAll(async () => {
  writeFileSync(secret, 'the secret');
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.close();
  for (const path of [folder, other]) rmSync(path, { recursive: true, force: true });
});

async function attempt(name: string, rights: Rights, path = secret): Promise<unknown> {
  const watched = new WatchedProcess<object, { result: unknown }>({ entry: HOSTILE, rights, channel: 'lines' });
  let result: unknown;
  const end = await watched.exchange(
    { attempt: name, path, port },
    {
      onAnswer(answer) {
        result = answer.result;
      },
    },
  );
  expect(end).toMatchObject({ cause: 'itself', code: 0 });
  return result;
}

describe('a process', () => {
  const NONE: Rights = { read: [] };

  it.each([
    ['read', secret, { read: [secret] }, 'the secret'],
    ['read', secret, { read: 'all' }, 'the secret'],
    ['read', secret, { read: [], write: [folder] }, 'the secret'],
    ['write', join(folder, 'out'), { read: [], write: [folder] }, null],
    ['worker', secret, { read: [], threads: true }, 1],
    ['addon', secret, { read: [], addons: true }, expect.stringMatching(/^d74981efa70a/)],
  ] satisfies [string, string, Rights, unknown][])(
    'cannot %s but with the right to',
    async (name, path, rights, can) => {
      expect(await attempt(name, NONE, path)).toMatch(DENIED);
      expect(await attempt(name, rights, path)).toEqual(can);
    },
  );

  const ALL: Rights = { read: 'all', write: [folder], threads: true, addons: true };

  it.each([
    ['spawn', 'spawned'],
    ['connect', 'connected'],
    ['signal', true],
    ['priority', null],
    ['flags', null],
    ['database', 'there'],
  ])('cannot %s with any right, as a process without a sandbox can', async (name, can) => {
    expect(await attempt(name, ALL)).toMatch(DENIED);
    const input = JSON.stringify({ attempt: name, path: secret, port });
    const outside = promisify(execFile)(process.execPath, [HOSTILE]);
    outside.child.stdin?.end(input);
    expect(JSON.parse((await outside).stdout)).toEqual({ result: can });
  });

  it('may lower its own priority', async () => {
    expect(await attempt('own-priority', NONE)).toBeGreaterThan(0);
  });

  it('writes nowhere but where it may', async () => {
    expect(await attempt('write', ALL, join(other, 'out'))).toMatch(DENIED);
    expect(await attempt('write', { read: [other] }, join(other, 'out'))).toMatch(DENIED);
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Upload } from '@tus/server';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { HashingStore } from '#lib/uploads/hashing-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse sending '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = 6 * 1024 * 1024 + 12_345;
const bytes = randomBytes(SIZE);
const sha256 = createHash('sha256').update(bytes).digest('hex');

/** Keeps one upload whose body is Node's own, or a stream of somebody else. Returns its SHA-256. */
async function keep(body: Readable, isNodeBody: boolean): Promise<string> {
  const never = new AbortController().signal;
  const store = new HashingStore({
    directory: mkdtempSync(join(folder, 'uploads ')),
    expirationPeriodInMilliseconds: 1000,
    lockOf: () => ({ lost: never, stop: never }),
    nodeBody: () => (isNodeBody ? body : null),
    onProgress() {},
    onRemove: async () => {},
    finishedSize: async () => null,
  });
  await store.create(new Upload({ id: 'one', size: SIZE, offset: 0 }));
  expect(await store.write(body, 'one', 0)).toBe(SIZE);
  return (await store.digests('one')).sha256;
}

it('gives back the memory of each piece of a request as soon as it is written and hashed', async () => {
  const kept = Promise.withResolvers<{ found: string; pieces: number[] }>();
  const server = createServer((incoming: IncomingMessage, outgoing) => {
    const emit = vi.spyOn(incoming, 'emit');
    const store = async () => {
      const found = await keep(incoming, true);
      const data = emit.mock.calls.filter(([event]) => event === 'data');
      return { found, pieces: data.map(([, piece]) => (piece as Buffer).length) };
    };
    store()
      .then(kept.resolve, kept.reject)
      .finally(() => outgoing.end());
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  request({ port: (server.address() as AddressInfo).port, method: 'PATCH' }, (answer) => answer.resume()).end(bytes);

  const { found, pieces } = await kept.promise;
  expect(found).toBe(sha256);
  expect(pieces.length).toBeGreaterThan(10);
  expect(pieces.filter((length) => length > 0)).toEqual([]);
});

it('leaves the memory of others alone', async () => {
  const whole = Buffer.from(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + SIZE));
  expect(await keep(Readable.from([whole]), false)).toBe(sha256);
  expect(whole.equals(bytes)).toBe(true);

  // Two pieces of one buffer.
  const halves = [whole.subarray(0, 100_000), whole.subarray(100_000)];
  expect(await keep(Readable.from(halves), true)).toBe(sha256);
  expect(whole.equals(bytes)).toBe(true);
});

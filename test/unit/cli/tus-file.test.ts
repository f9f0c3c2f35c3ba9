import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { tusHttp, tusSource } from '#lib/cli/tus-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse sending '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIZE = 5 * 1024 * 1024 + 321;
const bytes = randomBytes(SIZE);

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function openFile(): Promise<{ file: FileHandle; path: string }> {
  const path = join(mkdtempSync(join(folder, 'file ')), 'model.ckpt');
  writeFileSync(path, bytes);
  const file = await open(path);
  onTestFinished(() => file.close());
  return { file, path };
}

async function send(url: string, file: FileHandle, start: number, end: number) {
  const request = tusHttp.createRequest('PATCH', url);
  request.setHeader('Upload-Offset', String(start));
  const sent: number[] = [];
  request.setProgressHandler((count) => sent.push(count));
  const { value } = await tusSource(file, SIZE).slice(start, end);
  const response = await request.send(value);
  return { status: response.getStatus(), offset: response.getHeader('Upload-Offset'), body: response.getBody(), sent };
}

it('sends any part of a file, byte for byte, with its length', async () => {
  const { file } = await openFile();
  const received: Buffer[] = [];
  const url = await serve(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    received.push(body);
    outgoing.writeHead(204, { 'upload-offset': incoming.headers['content-length'] }).end();
  });
  const parts = [
    [0, 1],
    [1, 1024 * 1024],
    [17, 3 * 1024 * 1024 + 18],
    [0, SIZE],
    [SIZE - 1, SIZE],
  ] as const;
  for (const [start, end] of parts) {
    const { status, offset, sent } = await send(url, file, start, end);
    expect([status, Number(offset), sent.at(-1)]).toEqual([204, end - start, end - start]);
    expect(received.at(-1)?.equals(bytes.subarray(start, end))).toBe(true);
  }
});

it('sends what has no body', async () => {
  const url = await serve((incoming, outgoing) => outgoing.end(`${incoming.method} ${incoming.headers.one}`));
  const request = tusHttp.createRequest('POST', url);
  request.setHeader('one', '1');
  expect((await request.send(null)).getBody()).toBe('POST 1');
});

it('takes an answer that comes before all is sent', async () => {
  const { file } = await openFile();
  const url = await serve((_incoming, outgoing) => outgoing.writeHead(413).end('Too large.'));
  expect(await send(url, file, 0, SIZE)).toMatchObject({ status: 413, body: 'Too large.' });
});

it('says that the file has become shorter, and that the connection broke', async () => {
  const { file, path } = await openFile();
  const broken = await serve((incoming) => void incoming.once('data', () => incoming.socket.destroy()));
  await expect(send(broken, file, 0, SIZE)).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);

  truncateSync(path, 100);
  const url = await serve((incoming) => void incoming.on('error', () => {}).resume());
  await expect(send(url, file, 0, SIZE)).rejects.toThrow(/has become shorter/);
});

import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '#lib/http/index.ts';
import { closed } from '../../support/closed.ts';

const LIMIT_MS = 400;
let server: Server;
let port: number;
beforeEach(async () => {
  server = createHttpServer(LIMIT_MS).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const open = (text: string): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  if (text !== '') socket.write(text);
  return socket.resume();
};

it.each([
  ['that sent nothing', ''],
  ['that stopped in the first line', 'GET /'],
  ['that stopped in its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: '],
  ['that stopped in its second request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n'],
])('closes connections %s', async (_, text) => {
  server.on('request', (_request, response) => response.end());
  const sockets = Array.from({ length: 100 }, () => open(text));
  await Promise.all(sockets.map((socket) => closed(socket)));
});

it('keeps connections longer than reverse proxies do', async () => {
  server.on('request', (_request, response) => response.end());
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(Number(/timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
});

it('closes a connection that goes on sending headers, byte by byte', async () => {
  const socket = open('GET / HTTP/1.1\r\nHost: x\r\nX-Long: ');
  const sending = setInterval(() => socket.write('a'), LIMIT_MS / 8);
  await closed(socket).finally(() => clearInterval(sending));
});

it('takes a body that comes byte by byte for several times as long', async () => {
  server.on('request', async (request, response) => {
    let received = '';
    for await (const piece of request.setEncoding('latin1')) received += piece;
    response.end(received);
  });
  const socket = open('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n');
  let answer = '';
  socket.on('data', (piece) => {
    answer += piece;
  });
  for (const byte of 'slow') {
    await closed(open('GET /'));
    socket.write(byte);
  }
  await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 200[\s\S]*slow/);
  socket.destroy();
});

describe.each(['close', 'keep-alive'])('a client of Connection: %s that sends a body to its end', (connection) => {
  it.each([
    ['unread', async () => {}],
    [
      'read in part',
      async (request: IncomingMessage) => {
        await once(request, 'readable');
        request.read(1000);
      },
    ],
    [
      'read in part as a web stream',
      async (request: IncomingMessage) => {
        await Readable.toWeb(request).getReader().read();
      },
    ],
  ])('hears the answer where that is left %s', async (_, read) => {
    server.on('request', async (request, response) => {
      await read(request);
      response.writeHead(507, { 'content-length': 4 }).end('full');
    });
    const body = Buffer.alloc(32 * 1024 * 1024);
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\nContent-Length: ${body.length}\r\n\r\n`);
    // As simple clients do it: everything is sent before the answer is looked at.
    await new Promise<void>((sent, failed) => socket.write(body, (error) => (error ? failed(error) : sent())));
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
    });
    await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 507[\s\S]*full/);
    socket.destroy();
  });
});

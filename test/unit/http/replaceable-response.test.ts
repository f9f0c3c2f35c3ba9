import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { createHttpServer, type ReplaceableResponse } from '#lib/http/index.ts';

const server = createHttpServer(30_000);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const STAND_IN = { status: 503, headers: { 'retry-after': '5', 'content-type': 'text/html' }, body: '<h1>Away</h1>' };

/** What a client gets of an answer that is sent in one of the ways that there are. */
async function answerOf(send: (response: ReplaceableResponse) => void, method = 'GET') {
  server.removeAllListeners('request').once('request', (_, response) => send(response));
  const answer = await fetch(url, { method });
  return [answer.status, answer.headers.get('retry-after'), answer.headers.get('x-own'), await answer.text()];
}

const WAYS: Record<string, (response: ReplaceableResponse) => void> = {
  'an end': (response) => response.end('<h1>Fault</h1>'),
  'writes after the headers': (response) => {
    response.flushHeaders();
    response.write('<h1>Fault</h1>');
    setImmediate(() => response.end());
  },
  'writes alone': (response) => {
    response.write('<h1>Fault</h1>');
    response.write('<p>More</p>');
    response.end('<p>Last</p>');
  },
  'a head of its own': (response) => response.writeHead(500, { 'x-own': 'yes' }).end('<h1>Fault</h1>'),
};

it.each(Object.entries(WAYS))('is sent in place of a failure that comes by %s', async (_, send) => {
  const answer = (status: number, hasStandIn: boolean) => (response: ReplaceableResponse) => {
    response.replaceFailure(() => (hasStandIn ? STAND_IN : null));
    response.statusCode = status;
    response.setHeader('x-own', 'yes');
    send(response);
  };
  expect(await answerOf(answer(500, true))).toEqual([503, '5', null, '<h1>Away</h1>']);
  expect(await answerOf(answer(500, true), 'HEAD')).toEqual([503, '5', null, '']);
  expect(await answerOf(answer(500, false))).toEqual([500, null, 'yes', expect.stringContaining('<h1>Fault</h1>')]);
});

it('leaves answers that are no failure', async () => {
  const answer = await answerOf((response) => {
    response.replaceFailure(() => STAND_IN);
    response.setHeader('x-own', 'yes').end('well');
  });
  expect(answer).toEqual([200, null, 'yes', 'well']);
});

// The web process: pages and API. Started by the supervisor, or by itself next to others on one database.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import next from 'next';
import { config } from '#lib/config.ts';
import {
  createHttpServer,
  errorResponse,
  type ReplaceableResponse,
  readPath,
  sendResponse,
  unreadableAddress,
} from '#lib/http/index.ts';
import { log } from '#lib/log.ts';
import { projectRoot, showLife, waitForStopRequest } from '#lib/process/index.ts';
import { isFromUntrustedProxy, setClient } from '#lib/proxies/index.ts';
import { answerBytes } from './byte-routes.ts';
import { answerPage, isPage } from './page-outage.ts';
import { redirectVisitor } from './private-gate.ts';
import { answerUpload } from './upload-routes.ts';

/** Downloads and event streams that are still open at the end get this long. */
const SHUTDOWN_MS = 2000;

const stopped = waitForStopRequest();
const announceReady = showLife();
const { port, host, trustedProxies, headersTimeout } = config();
const server = createHttpServer(headersTimeout);
const app = next({
  dev: process.env.NODE_ENV === 'development',
  dir: projectRoot(),
  hostname: host,
  port,
  httpServer: server,
});
const handle = app.getRequestHandler();
await app.prepare();
let untrustedProxySeen = false;
server.on('request', (request, response) => {
  if (!untrustedProxySeen && isFromUntrustedProxy(request, trustedProxies)) {
    untrustedProxySeen = true;
    const address = request.socket.remoteAddress;
    log('http').warn(
      `What ${address} says of the client's address is ignored. If it is your reverse proxy, add it to WEIGHHOUSE_TRUSTED_PROXIES.`,
    );
  }
  setClient(request, trustedProxies);
  void answer(request, response);
});

async function answer(request: IncomingMessage, response: ReplaceableResponse): Promise<void> {
  try {
    const path = readPath(request.url ?? '/');
    if (path === null) return await sendResponse(unreadableAddress(), response);
    if (await answerBytes(request, response, path)) return;
    if (await answerUpload(request, response, path)) return;
    const render = () => renderPage(request, response, path);
    await (isPage(request, path) ? answerPage(response, render) : render());
  } catch (error) {
    const refusal = errorResponse(error);
    if (response.headersSent) response.destroy();
    else await sendResponse(refusal, response);
  }
}

async function renderPage(request: IncomingMessage, response: ReplaceableResponse, path: string): Promise<void> {
  const elsewhere = await redirectVisitor(request, path);
  if (elsewhere === null) return await handle(request, response);
  response.writeHead(307, { location: elsewhere, 'cache-control': 'private, no-store' }).end();
}

server.listen(port, host);
await once(server, 'listening');
announceReady();

await stopped;
const closed = once(server, 'close');
server.close();
setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS).unref();
await closed;
process.exit(0);

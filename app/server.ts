// The web process: pages and API. Started by the supervisor, or by itself next to others on one database.
import { once } from 'node:events';
import { createServer } from 'node:http';
import next from 'next';
import { config } from '#lib/config.ts';
import { log } from '#lib/log.ts';
import { projectRoot, showLife, waitForStopRequest } from '#lib/process/index.ts';
import { isFromUntrustedProxy, setClient } from '#lib/proxies/index.ts';

/** A connection on which nothing moved for this long is closed. */
const IDLE_MS = 5 * 60_000;
/** Downloads and event streams that are still open at the end get this long. */
const SHUTDOWN_MS = 2000;

const stopped = waitForStopRequest();
const announceReady = showLife();
const { port, host, trustedProxies } = config();
// Next's own `start` leaves Node's five minutes for a whole request: too short for a checkpoint on a slow line.
const server = createServer({ requestTimeout: 0 });
server.setTimeout(IDLE_MS);
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
  void handle(request, response);
});
server.listen(port, host);
await once(server, 'listening');
announceReady();

await stopped;
const closed = once(server, 'close');
server.close();
setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS).unref();
await closed;
process.exit(0);

import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** A connection on which nothing moved for this long, after its first request, is closed. */
const IDLE_MS = 5 * 60_000;
/** How often Node looks for requests whose headers take too long. */
const CHECK_MS = 5000;

/**
 * The HTTP server. A request may take as long as its body moves: Node's limit of five minutes is too short for a
 * checkpoint on a slow line. Its headers have `headersTimeout` milliseconds, from the opening of a connection on.
 */
export function createHttpServer(headersTimeout: number): Server {
  const server = createServer({
    requestTimeout: 0,
    // Said here, because Node's own default is no more than `requestTimeout`: zero, which is none.
    headersTimeout,
    connectionsCheckingInterval: Math.min(CHECK_MS, Math.ceil(headersTimeout / 4)),
  });
  server.setTimeout(IDLE_MS);
  // Node does not count a connection that has never sent anything as one whose headers are late.
  server.on('connection', (socket: Socket) => socket.setTimeout(headersTimeout));
  const onRequest = ({ socket }: { socket: Socket }) => void socket.setTimeout(IDLE_MS);
  server.on('request', onRequest);
  server.on('upgrade', onRequest);
  return server;
}

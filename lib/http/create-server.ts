import { createServer, IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { ReplaceableResponse } from './replaceable-response.ts';

/** A connection on which nothing moved for this long, after its first request, is closed. */
const IDLE_MS = 5 * 60_000;
/**
 * How long a connection is kept for the next request: longer than reverse proxies and clients keep theirs (60 s in nginx),
 * or a request that is sent while the connection is closed from here is lost.
 */
const KEEP_ALIVE_MS = 75_000;
/** How often Node looks for requests whose headers take too long. */
const CHECK_MS = 5000;

/** How long what is left of a body is read after the answer to it. */
const LINGER_MS = 30_000;

/**
 * The HTTP server. A request may take as long as its body moves: Node's limit of five minutes is too short for a
 * checkpoint on a slow line. Its headers have `headersTimeout` milliseconds, from the opening of a connection on.
 */
export function createHttpServer(headersTimeout: number): Server<typeof IncomingMessage, typeof ReplaceableResponse> {
  const server = createServer({
    IncomingMessage,
    ServerResponse: ReplaceableResponse,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Said here, because Node's own default is no more than `requestTimeout`: zero, which is none.
    headersTimeout,
    connectionsCheckingInterval: Math.min(CHECK_MS, Math.ceil(headersTimeout / 4)),
  });
  server.setTimeout(IDLE_MS);
  // Node does not count a connection that has never sent anything as one whose headers are late.
  server.on('connection', (socket: Socket) => socket.setTimeout(headersTimeout));
  server.on('request', (request, response) => {
    // Before Node's own listener, which may close the connection.
    response.prependOnceListener('finish', () => readRest(request));
  });
  const onRequest = ({ socket }: { socket: Socket }) => void socket.setTimeout(IDLE_MS);
  server.on('request', onRequest);
  server.on('upgrade', onRequest);
  return server;
}

/**
 * Reads, and drops, what a client still sends after the answer, for a while. Many read no answer before all is sent; and of
 * a connection that is closed with bytes unread, the system drops the answer as well.
 */
function readRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const limit = setTimeout(() => socket.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(limit));
  request.on('error', () => {});
  // A web stream that nobody reads any more would stop the request once it is full.
  for (const event of ['data', 'readable']) request.removeAllListeners(event);
  request.resume();
  // What Node calls where the connection ends with this answer.
  socket.destroySoon = () => {
    socket.end();
    if (request.readableEnded) socket.destroy();
    else request.once('end', () => socket.destroy());
  };
}

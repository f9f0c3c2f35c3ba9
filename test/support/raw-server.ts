import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** One request as a raw server sees it. */
export interface RawRequest {
  path: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** How many requests came for this path before. */
  earlier: number;
}

export interface RawServer {
  /** `http://127.0.0.1:PORT`, or `https://`. */
  url: string;
  port: number;
  requests: RawRequest[];
  /** Connections that are open. */
  open(): number;
  /** Breaks them. */
  drop(): void;
  close(): Promise<void>;
}

type Answer = (socket: Socket, request: RawRequest) => void;

/** A server that answers byte for byte what `answer` writes, and so as wrongly as a test wants. One request a connection. */
export async function startRawServer(answer: Answer, tls?: TlsOptions): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket);
    let head = '';
    // Whoever is answered wrongly hangs up.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      if (head.includes('\r\n\r\n')) return;
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const request = parseHead(head, requests);
      requests.push(request);
      answer(socket, request);
    });
  };
  const server: Server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    open: () => sockets.size,
    drop,
    async close() {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}

function parseHead(head: string, before: readonly RawRequest[]): RawRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const path = first.split(' ')[1] ?? '/';
  const headers = Object.fromEntries(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { path, headers, earlier: before.filter((request) => request.path === path).length };
}

/** Writes an answer with these headers and this body, and says nothing of its length that is not given. */
export function answerRaw(
  socket: Socket,
  status: string,
  headers: Readonly<Record<string, string | number>>,
  body: string | Uint8Array = '',
): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`, 'latin1');
  socket.write(body);
}

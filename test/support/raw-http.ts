import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it went over the wire. */
export interface RawAnswer {
  status: number;
  /** By lower-case name; those that come more than once are joined. */
  headers: Record<string, string>;
  /** All that followed the headers until the connection was closed. */
  body: Buffer;
}

/** Sends one request over a connection of its own, byte for byte, and reads until the server closes it. */
export async function askRaw(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  version = '1.1',
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`${method} ${path} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return parseAnswer(await readAll(socket));
}

async function readAll(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'close');
  return Buffer.concat(pieces);
}

/** Splits what a server sent. An interim answer (1xx) before it is passed over. */
export function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`No answer: ${JSON.stringify(bytes.toString('latin1'))}`);
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const body = bytes.subarray(end + 4);
  if (status < 200) return parseAnswer(body);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return { status, headers, body };
}

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The constant of RFC 6455, section 1.3. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** The server's end of a WebSocket, as far as tests need it: it sends whole messages and answers pings and closing. */
export interface ServerSocket {
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  /** Cuts the line without a word, as a crash or a proxy does. */
  cut(): void;
  onClose(listener: () => void): void;
}

/** Answers an upgrade by RFC 6455. */
export function acceptSocket(request: IncomingMessage, line: Duplex): ServerSocket {
  const key = String(request.headers['sec-websocket-key']);
  const accept = createHash('sha1')
    .update(key + KEY_SUFFIX)
    .digest('base64');
  line.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  line.on('error', () => line.destroy());
  let received: Buffer = Buffer.alloc(0);
  line.on('data', (part: Buffer) => {
    received = Buffer.concat([received, part]);
    for (;;) {
      const frame = readFrame(received);
      if (!frame) return;
      received = received.subarray(frame.length);
      if (frame.opcode === PING) line.write(frameOf(PONG, frame.payload));
      if (frame.opcode === CLOSE) line.end(frameOf(CLOSE, frame.payload));
    }
  });
  const send = (opcode: number, payload: Uint8Array) => {
    if (line.writable) line.write(frameOf(opcode, payload));
  };
  return {
    sendText: (text) => send(TEXT, Buffer.from(text)),
    sendBinary: (bytes) => send(BINARY, bytes),
    cut: () => line.destroy(),
    onClose: (listener) => line.once('close', listener),
  };
}

function frameOf(opcode: number, payload: Uint8Array): Buffer {
  const size = payload.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (size < 126) head[1] = size;
  else if (size < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(size, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(size), 2);
  }
  return Buffer.concat([head, payload]);
}

/** A frame of a client, which masks its payload; null where it is not whole yet. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + 4;
  if (bytes.length < start) return null;
  const size = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < start + size) return null;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + size));
  payload.forEach((value, index) => {
    payload[index] = value ^ mask[index % 4]!;
  });
  return { opcode: bytes[0]! & 0x0f, payload, length: start + size };
}

import type { ComfyAddress } from './address.ts';
import { isRecord } from './object-info.ts';

/** One message of `GET /ws`: `execution_start`, `executing`, `progress`… */
export interface ComfyMessage {
  type: string;
  data: Record<string, unknown>;
}

export interface ComfySocket {
  /** Settles when the first connection stands (true), or when waiting for it ended (false). */
  readonly opened: Promise<boolean>;
  close(): void;
}

/** Node's own takes headers, which the browsers' types do not know. */
// biome-ignore lint/plugin: one global of two platforms, and the types are those of the other.
const NodeSocket = WebSocket as unknown as new (url: URL, options: { headers: Record<string, string> }) => WebSocket;

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;
const OPENING = 5000;
/** Tries, one after the other, that can fail before rendering begins without a socket. */
const TRIES = 3;
/** Messages of JSON are small; larger ones are somebody's extension. */
const MAX_MESSAGE = 4 * 1024 * 1024;

/**
 * Keeps a socket to ComfyUI open: when it drops it is opened again under the same client id, where the server goes on
 * sending. What was missed meanwhile is not repeated; `onGap` says that the state must be asked for.
 */
export function openSocket(
  address: ComfyAddress,
  clientId: string,
  handlers: { onMessage(message: ComfyMessage): void; onGap(): void },
): ComfySocket {
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE;
  let isClosed = false;
  let failed = 0;
  const { promise: opened, resolve } = Promise.withResolvers<boolean>();
  const waiting = setTimeout(resolve, OPENING, false);

  const connect = () => {
    socket = new NodeSocket(address.socket(clientId), { headers: address.headers });
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      pause = FIRST_PAUSE;
      resolve(true);
      handlers.onGap();
    };
    socket.onmessage = ({ data }) => {
      // Binary messages are previews of half-rendered pictures.
      if (typeof data !== 'string' || data.length > MAX_MESSAGE) return;
      const message = readMessage(data);
      if (message) handlers.onMessage(message);
    };
    socket.onclose = () => {
      if (isClosed) return;
      handlers.onGap();
      failed += 1;
      if (failed === TRIES) resolve(false);
      timer = setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
  };
  connect();

  return {
    opened,
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(waiting);
      resolve(false);
      socket?.close();
    },
  };
}

function readMessage(text: string): ComfyMessage | null {
  try {
    const { type, data } = JSON.parse(text);
    return typeof type === 'string' && isRecord(data) ? { type, data } : null;
  } catch {
    return null;
  }
}

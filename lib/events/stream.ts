import { type Actor, authorize, can } from '../accounts/index.ts';
import { listen } from './hub.ts';
import type { ServiceEvent } from './types.ts';

/** Proxies close connections on which nothing is said for about a minute. */
const HEARTBEAT_MS = 20_000;

/** The events an actor may hear of, as a stream of server-sent events (WHATWG HTML, section 9.2) that ends with `signal`. */
export function eventStream(actor: Actor, signal: AbortSignal): ReadableStream<Uint8Array> {
  authorize(actor, 'events.read');
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream({
    async start(controller) {
      const send = (text: string) => {
        try {
          controller.enqueue(encoder.encode(text));
        } catch {
          // Closed from the other side between two events.
          stop();
        }
      };
      const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
      const unlisten = await listen(
        (event) => {
          if (mayReceive(actor, event)) send(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
        },
        // Whoever connects again loads again what it shows.
        () => stop(),
      );
      stop = () => {
        stop = () => {};
        clearInterval(heartbeat);
        unlisten();
        try {
          controller.close();
        } catch {
          // Closed already.
        }
      };
      signal.addEventListener('abort', () => stop());
      send('retry: 2000\n\n');
    },
    cancel: () => stop(),
  });
}

function mayReceive(actor: Actor, event: ServiceEvent): boolean {
  if (event.kind === 'preview' && event.published) return true;
  const owner = event.kind === 'upload' ? event.userId : event.ownerId;
  return owner === actor.id || can(actor, 'upload.read-all');
}

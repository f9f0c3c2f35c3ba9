import { type Actor, authorize, can } from '../accounts/index.ts';
import { listen } from './hub.ts';
import type { ServiceEvent } from './types.ts';

/** Proxies close connections on which nothing is said for about a minute. */
const HEARTBEAT_MS = 20_000;

export interface EventStreamOptions {
  /** Ends the stream. */
  signal: AbortSignal;
  /** Who the request would be from now: a stream lasts for days, and a session, a token and a role may not. */
  whoNow: () => Promise<Actor | null>;
  heartbeatMs?: number;
}

/** The events an actor may hear of, as a stream of server-sent events (WHATWG HTML, section 9.2). */
export function eventStream(
  asked: Actor,
  { signal, whoNow, heartbeatMs = HEARTBEAT_MS }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  authorize(asked, 'events.read');
  let actor = asked;
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
      const askAgain = async () => {
        const now = await whoNow();
        if (now === null || !can(now, 'events.read')) stop();
        else actor = now;
      };
      const heartbeat = setInterval(() => {
        send(': still here\n\n');
        // Without its database the service lets nobody in, and throws nobody out.
        askAgain().catch(() => {});
      }, heartbeatMs);
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

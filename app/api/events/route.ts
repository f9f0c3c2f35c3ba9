import { actorOf } from '#lib/accounts/index.ts';
import { eventStream } from '#lib/events/index.ts';
import { route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

export const GET = route(
  { may: 'events.read' },
  ({ request, actor }) =>
    new Response(eventStream(actor, { signal: request.signal, whoNow: () => actorOf(request.headers) }), {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    }),
);

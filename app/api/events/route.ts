import { actorOfRequest, requireSignedIn } from '#lib/accounts/index.ts';
import { eventStream } from '#lib/events/index.ts';
import { route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

export const GET = route(async (request) => {
  const actor = await actorOfRequest(request);
  requireSignedIn(actor);
  return new Response(eventStream(actor, request.signal), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
});

import { actorOfRequest } from '#lib/accounts/index.ts';
import { AppError } from '#lib/errors.ts';
import { eventStream } from '#lib/events/index.ts';
import { route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

export const GET = route(async (request) => {
  const actor = await actorOfRequest(request);
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
  return new Response(eventStream(actor, request.signal), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
});

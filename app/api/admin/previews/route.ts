import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';
import { getPreviewQueue, queueOutdated } from '#lib/previews/index.ts';

export const GET = route(async (request) => json(await getPreviewQueue(await actorOfRequest(request))));

export const POST = route(async (request) =>
  json({ queued: await queueOutdated(await actorOfRequest(request)) }, { status: 202 }),
);

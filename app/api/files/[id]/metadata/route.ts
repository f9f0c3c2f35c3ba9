import { actorOfRequest } from '#lib/accounts/index.ts';
import { getMetadata } from '#lib/catalog/index.ts';
import { json, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>(async (request, { id }) =>
  json(await getMetadata(await actorOfRequest(request), parseId(id))),
);

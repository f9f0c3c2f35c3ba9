import { actorOfRequest } from '#lib/accounts/index.ts';
import { getThumbnail } from '#lib/catalog/index.ts';
import { foreignContent, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>(async (request, { id }) =>
  foreignContent(await getThumbnail(await actorOfRequest(request), parseId(id))),
);

import { actorOfRequest } from '#lib/accounts/index.ts';
import { readSidecar } from '#lib/catalog/index.ts';
import { foreignContent, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>(async (request, { id }) =>
  foreignContent(await readSidecar(await actorOfRequest(request), parseId(id))),
);

import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { json, route } from '#lib/http/index.ts';

export const GET = route(async (request) => {
  const query = parseCatalogQuery(new URL(request.url).searchParams);
  return json(await searchModels(await actorOfRequest(request), query));
});

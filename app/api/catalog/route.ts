import { parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { json, route } from '#lib/http/index.ts';

export const GET = route({ may: 'catalog.read' }, async ({ request, actor }) =>
  json(await searchModels(actor, parseCatalogQuery(new URL(request.url).searchParams))),
);

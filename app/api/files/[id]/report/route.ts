import { getFileReport } from '#lib/catalog/index.ts';
import { json, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>({ may: 'catalog.read' }, async ({ params, actor }) =>
  json(await getFileReport(actor, parseId(params.id))),
);

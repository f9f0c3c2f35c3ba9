import { getBulkJob } from '#lib/bulk/index.ts';
import { json, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>({ may: 'model.edit' }, async ({ params, actor }) =>
  json(await getBulkJob(actor, parseId(params.id))),
);

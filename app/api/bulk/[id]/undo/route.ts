import { undoBulkJob } from '#lib/bulk/index.ts';
import { json, parseId, route } from '#lib/http/index.ts';

export const POST = route<{ id: string }>({ may: 'model.edit' }, async ({ params, actor }) =>
  json(await undoBulkJob(actor, parseId(params.id)), { status: 202 }),
);

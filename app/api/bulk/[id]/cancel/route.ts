import { cancelBulkJob } from '#lib/bulk/index.ts';
import { parseId, route } from '#lib/http/index.ts';

export const POST = route<{ id: string }>({ may: 'model.edit' }, async ({ params, actor }) => {
  await cancelBulkJob(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});

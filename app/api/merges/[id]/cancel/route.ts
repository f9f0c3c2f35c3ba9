import { parseId, route } from '#lib/http/index.ts';
import { cancelMerge } from '#lib/merges/index.ts';

export const POST = route<{ id: string }>({ may: 'upload.create' }, async ({ params, actor }) => {
  await cancelMerge(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});

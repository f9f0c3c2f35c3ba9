import { parseId, route } from '#lib/http/index.ts';
import { disarmFile } from '#lib/ingest/index.ts';

export const POST = route<{ id: string }>({ may: 'file.disarm' }, async ({ params, actor }) => {
  await disarmFile(actor, parseId(params.id));
  return new Response(null, { status: 202 });
});

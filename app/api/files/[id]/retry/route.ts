import { parseId, route } from '#lib/http/index.ts';
import { retryFile } from '#lib/ingest/index.ts';

export const POST = route<{ id: string }>({ may: 'file.retry' }, async ({ params, actor }) => {
  await retryFile(actor, parseId(params.id));
  return new Response(null, { status: 202 });
});

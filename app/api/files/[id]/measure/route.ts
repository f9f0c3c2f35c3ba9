import { parseId, route } from '#lib/http/index.ts';
import { measureFile } from '#lib/ingest/index.ts';

export const POST = route<{ id: string }>({ may: 'file.measure' }, async ({ params, actor }) => {
  await measureFile(actor, parseId(params.id));
  return new Response(null, { status: 202 });
});

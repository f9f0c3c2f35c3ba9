import { parseId, readJson, route } from '#lib/http/index.ts';
import { convertAgain } from '#lib/ingest/index.ts';
import { VARIANT_OPTIONS } from '#lib/queue/index.ts';

export const POST = route<{ id: string }>({ may: 'model.add-version' }, async ({ request, params, actor }) => {
  await convertAgain(actor, parseId(params.id), VARIANT_OPTIONS.parse(await readJson(request)));
  return new Response(null, { status: 202 });
});

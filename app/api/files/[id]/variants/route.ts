import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, readJson, route } from '#lib/http/index.ts';
import { convertAgain } from '#lib/ingest/index.ts';
import { VARIANT_OPTIONS } from '#lib/queue/index.ts';

export const POST = route<{ id: string }>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  await convertAgain(actor, parseId(id), VARIANT_OPTIONS.parse(await readJson(request)));
  return new Response(null, { status: 202 });
});

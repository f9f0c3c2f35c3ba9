import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, parseId, readJson, route } from '#lib/http/index.ts';
import { getModelPreviews, RENDER_FORM, renderAgain } from '#lib/previews/index.ts';

type Params = { id: string };

export const GET = route<Params>(async (request, { id }) =>
  json(await getModelPreviews(await actorOfRequest(request), parseId(id))),
);

export const POST = route<Params>(async (request, { id }) => {
  const { reason } = RENDER_FORM.parse(await readJson(request));
  await renderAgain(await actorOfRequest(request), parseId(id), reason);
  return new Response(null, { status: 202 });
});

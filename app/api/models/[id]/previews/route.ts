import { json, parseId, readJson, route } from '#lib/http/index.ts';
import { getModelPreviews, RENDER_FORM, renderAgain } from '#lib/previews/index.ts';

type Params = { id: string };

export const GET = route<Params>({ may: 'catalog.read' }, async ({ params, actor }) =>
  json(await getModelPreviews(actor, parseId(params.id))),
);

export const POST = route<Params>({ may: 'preview.render' }, async ({ request, params, actor }) => {
  const { reason } = RENDER_FORM.parse(await readJson(request));
  await renderAgain(actor, parseId(params.id), reason);
  return new Response(null, { status: 202 });
});

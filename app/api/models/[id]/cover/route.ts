import { parseId, readJson, route } from '#lib/http/index.ts';
import { COVER_FORM, chooseCover } from '#lib/previews/index.ts';

export const PUT = route<{ id: string }>({ may: 'model.edit' }, async ({ request, params, actor }) => {
  const { pictureId } = COVER_FORM.parse(await readJson(request));
  await chooseCover(actor, parseId(params.id), pictureId);
  return new Response(null, { status: 204 });
});

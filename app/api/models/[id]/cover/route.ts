import { actorOfRequest } from '#lib/accounts/index.ts';
import { parseId, readJson, route } from '#lib/http/index.ts';
import { COVER_FORM, chooseCover } from '#lib/previews/index.ts';

export const PUT = route<{ id: string }>(async (request, { id }) => {
  const { pictureId } = COVER_FORM.parse(await readJson(request));
  await chooseCover(await actorOfRequest(request), parseId(id), pictureId);
  return new Response(null, { status: 204 });
});

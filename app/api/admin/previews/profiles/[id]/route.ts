import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';
import { editProfile, PROFILE_FORM, resetProfile } from '#lib/previews/index.ts';

type Params = { id: string };

export const PUT = route<Params>(async (request, { id }) => {
  const actor = await actorOfRequest(request);
  return json(await editProfile(actor, id, PROFILE_FORM.parse(await readJson(request))));
});

export const DELETE = route<Params>(async (request, { id }) =>
  json(await resetProfile(await actorOfRequest(request), id)),
);

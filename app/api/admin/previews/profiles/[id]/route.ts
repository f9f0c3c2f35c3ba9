import { json, readJson, route } from '#lib/http/index.ts';
import { editProfile, PROFILE_FORM, resetProfile } from '#lib/previews/index.ts';

type Params = { id: string };

export const PUT = route<Params>({ may: 'previews.manage' }, async ({ request, params, actor }) =>
  json(await editProfile(actor, params.id, PROFILE_FORM.parse(await readJson(request)))),
);

export const DELETE = route<Params>({ may: 'previews.manage' }, async ({ params, actor }) =>
  json(await resetProfile(actor, params.id)),
);

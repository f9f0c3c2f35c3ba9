import { ACCEPTANCE, acceptInvitation } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const POST = route({ may: 'public' }, async ({ request }) =>
  json(await acceptInvitation(ACCEPTANCE.parse(await readJson(request))), { status: 201 }),
);

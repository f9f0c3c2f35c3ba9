import { ACCEPTANCE, acceptInvitation, attempt } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const POST = route({ may: 'public' }, async ({ request }) => {
  const acceptance = ACCEPTANCE.parse(await readJson(request));
  return json(await attempt('link', request, () => acceptInvitation(acceptance)), { status: 201 });
});

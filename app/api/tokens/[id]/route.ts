import { revokeApiToken } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

export const DELETE = route<{ id: string }>({ may: 'token.manage' }, async ({ params, actor }) => {
  await revokeApiToken(actor, params.id);
  return new Response(null, { status: 204 });
});

import { enableUser } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

export const POST = route<{ id: string }>({ may: 'users.manage' }, async ({ params, actor }) => {
  await enableUser(actor, params.id);
  return new Response(null, { status: 204 });
});

import { endOwnSession } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

export const DELETE = route<{ id: string }>({ may: 'account.manage' }, async ({ params, actor }) => {
  await endOwnSession(actor, params.id);
  return new Response(null, { status: 204 });
});

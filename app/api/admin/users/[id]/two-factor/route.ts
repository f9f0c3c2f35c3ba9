import { resetSecondFactors } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

export const DELETE = route<{ id: string }>({ may: 'users.manage' }, async ({ params, actor }) => {
  await resetSecondFactors(actor, params.id);
  return new Response(null, { status: 204 });
});

import { unlinkProvider } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

/** Ends the link with the OpenID provider. */
export const DELETE = route({ may: 'account.manage' }, async ({ request, actor }) => {
  await unlinkProvider(actor, request.headers);
  return new Response(null, { status: 204 });
});

import { endOtherSessions, listOwnSessions } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';

export const GET = route({ may: 'account.manage' }, async ({ request, actor }) =>
  json(await listOwnSessions(actor, request.headers)),
);

/** All but the one that asks. */
export const DELETE = route({ may: 'account.manage' }, async ({ request, actor }) =>
  json({ ended: await endOtherSessions(actor, request.headers) }),
);

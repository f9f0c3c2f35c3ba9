import { createInvitation, listInvitations, NEW_INVITATION } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const GET = route({ may: 'users.manage' }, async ({ actor }) => json(await listInvitations(actor)));

export const POST = route({ may: 'users.manage' }, async ({ request, actor }) =>
  json(await createInvitation(actor, NEW_INVITATION.parse(await readJson(request))), { status: 201 }),
);

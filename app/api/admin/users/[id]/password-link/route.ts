import { createPasswordLink } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';

export const POST = route<{ id: string }>({ may: 'users.manage' }, async ({ params, actor }) =>
  json(await createPasswordLink(actor, params.id), { status: 201 }),
);

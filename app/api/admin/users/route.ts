import { createPasswordLink, createUser, listUsers, NEW_USER } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const GET = route({ may: 'users.manage' }, async ({ actor }) => json(await listUsers(actor)));

export const POST = route({ may: 'users.manage' }, async ({ request, actor }) => {
  const { id } = await createUser(actor, NEW_USER.parse(await readJson(request)));
  return json({ id, link: await createPasswordLink(actor, id) }, { status: 201 });
});

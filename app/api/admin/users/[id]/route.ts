import { z } from 'zod';
import { editUser, ROLES, setRole, USER_EDIT } from '#lib/accounts/index.ts';
import { MODELS_CHOICE, removeAccount } from '#lib/admin/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const CHANGE = USER_EDIT.extend({ role: z.enum(ROLES).exactOptional() });
const REMOVAL = z.strictObject({ models: MODELS_CHOICE });

export const PATCH = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { role, ...edit } = CHANGE.parse(await readJson(request));
  if (role !== undefined) await setRole(actor, params.id, role);
  await editUser(actor, params.id, edit);
  return new Response(null, { status: 204 });
});

export const DELETE = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { models } = REMOVAL.parse(await readJson(request));
  await removeAccount(actor, params.id, models);
  return new Response(null, { status: 204 });
});

import { z } from 'zod';
import { ROLES, setRole } from '#lib/accounts/index.ts';
import { MODELS_CHOICE, removeAccount } from '#lib/admin/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const CHANGE = z.strictObject({ role: z.enum(ROLES) });
const REMOVAL = z.strictObject({ models: MODELS_CHOICE });

export const PATCH = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { role } = CHANGE.parse(await readJson(request));
  await setRole(actor, params.id, role);
  return new Response(null, { status: 204 });
});

export const DELETE = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { models } = REMOVAL.parse(await readJson(request));
  await removeAccount(actor, params.id, models);
  return new Response(null, { status: 204 });
});

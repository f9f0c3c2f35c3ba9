import { z } from 'zod';
import { ROLES, setRole } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.object({ role: z.enum(ROLES) });

export const PATCH = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { role } = BODY.parse(await readJson(request));
  await setRole(actor, params.id, role);
  return new Response(null, { status: 204 });
});

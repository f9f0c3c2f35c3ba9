import { z } from 'zod';
import { actorOfRequest, ROLES, setRole } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.object({ role: z.enum(ROLES) });

export const PATCH = route<{ id: string }>(async (request, { id }) => {
  const { role } = BODY.parse(await readJson(request));
  await setRole(await actorOfRequest(request), id, role);
  return new Response(null, { status: 204 });
});

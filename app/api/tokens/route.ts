import { z } from 'zod';
import { createOwnToken, listApiTokens, SCOPES } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

const BODY = z.object({ name: z.string().trim().min(1).max(100), scopes: z.array(z.enum(SCOPES)).min(1) });

export const GET = route({ may: 'token.manage' }, async ({ actor }) => json(await listApiTokens(actor)));

export const POST = route({ may: 'token.manage' }, async ({ request, actor }) => {
  const { name, scopes } = BODY.parse(await readJson(request));
  return json(await createOwnToken(actor, name, scopes), { status: 201 });
});

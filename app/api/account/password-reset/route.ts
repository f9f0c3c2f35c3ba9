import { z } from 'zod';
import { attempt, resetPassword } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ token: z.string().min(1).max(200), password: z.string().max(1000) });

export const POST = route({ may: 'public' }, async ({ request }) => {
  const { token, password } = BODY.parse(await readJson(request));
  await attempt('link', request, () => resetPassword(token, password));
  return new Response(null, { status: 204 });
});

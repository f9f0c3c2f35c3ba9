import { z } from 'zod';
import { attempt, readInvitation } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ token: z.string().min(1).max(200) });

/** What an invitation is for. A POST, so that its secret stands in no address. */
export const POST = route({ may: 'public' }, async ({ request }) => {
  const { token } = BODY.parse(await readJson(request));
  return json(await attempt('link', request, () => readInvitation(token)));
});

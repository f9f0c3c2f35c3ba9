import { z } from 'zod';
import { attempt, changePassword, NEW_PASSWORD } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ current: z.string().max(1000), password: NEW_PASSWORD });

export const POST = route({ may: 'account.manage' }, async ({ request, actor }) => {
  const passwords = BODY.parse(await readJson(request));
  const headers = await attempt('password', { headers: request.headers, account: actor.email }, () =>
    changePassword(actor, request.headers, passwords),
  );
  // The new session, in place of the one that asked.
  const answer = new Response(null, { status: 204 });
  for (const cookie of headers.getSetCookie()) answer.headers.append('set-cookie', cookie);
  return answer;
});

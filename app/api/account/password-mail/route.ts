import { z } from 'zod';
import { EMAIL, guard, mailPasswordLink } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';
import { clientOf } from '#lib/proxies/index.ts';

const BODY = z.strictObject({ email: EMAIL });

/** The same answer whether or not there is such an account. */
export const POST = route({ may: 'public' }, async ({ request }) => {
  const { email } = BODY.parse(await readJson(request));
  // Each one counts: what is limited is how many letters one gets.
  await guard('password-mail', { address: clientOf(request.headers).address, account: email });
  mailPasswordLink(email);
  return new Response(null, { status: 202 });
});

import { z } from 'zod';
import { EMAIL, mailPasswordLink } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ email: EMAIL });

/** The same answer whether or not there is such an account. */
export const POST = route({ may: 'public' }, async ({ request }) => {
  const { email } = BODY.parse(await readJson(request));
  mailPasswordLink(email);
  return new Response(null, { status: 202 });
});

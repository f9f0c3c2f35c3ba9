import { z } from 'zod';
import { PERSON_NAME, renameSelf } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ name: PERSON_NAME });

export const PATCH = route({ may: 'account.manage' }, async ({ request, actor }) => {
  const { name } = BODY.parse(await readJson(request));
  await renameSelf(actor, name);
  return new Response(null, { status: 204 });
});

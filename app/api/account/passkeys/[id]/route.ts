import { z } from 'zod';
import { PERSON_NAME, removePasskey, renamePasskey } from '#lib/accounts/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ name: PERSON_NAME });

export const PATCH = route<{ id: string }>({ may: 'account.manage' }, async ({ request, params, actor }) => {
  const { name } = BODY.parse(await readJson(request));
  await renamePasskey(actor, params.id, name);
  return new Response(null, { status: 204 });
});

export const DELETE = route<{ id: string }>({ may: 'account.manage' }, async ({ params, actor }) => {
  await removePasskey(actor, params.id);
  return new Response(null, { status: 204 });
});

import { z } from 'zod';
import { disableAccount, MODELS_CHOICE } from '#lib/admin/index.ts';
import { readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ models: MODELS_CHOICE });

export const POST = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { models } = BODY.parse(await readJson(request));
  await disableAccount(actor, params.id, models);
  return new Response(null, { status: 204 });
});

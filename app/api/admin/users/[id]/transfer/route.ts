import { z } from 'zod';
import { transferModels } from '#lib/admin/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

const BODY = z.strictObject({ to: z.string().min(1) });

export const POST = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { to } = BODY.parse(await readJson(request));
  return json({ models: await transferModels(actor, params.id, to) });
});

import { json, readJson, route } from '#lib/http/index.ts';
import { QUOTA_CHANGE, readQuotaOf, setQuotaOf } from '#lib/quotas/index.ts';

export const GET = route<{ id: string }>({ may: 'users.manage' }, async ({ params, actor }) =>
  json(await readQuotaOf(actor, params.id)),
);

export const PUT = route<{ id: string }>({ may: 'users.manage' }, async ({ request, params, actor }) => {
  const { quota } = QUOTA_CHANGE.parse(await readJson(request));
  await setQuotaOf(actor, params.id, quota);
  return json(await readQuotaOf(actor, params.id));
});

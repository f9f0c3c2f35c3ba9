import { json, readJson, route } from '#lib/http/index.ts';
import { listRoleQuotas, ROLE_QUOTA_CHANGE, setRoleQuota } from '#lib/quotas/index.ts';

export const GET = route({ may: 'users.manage' }, async ({ actor }) => json(await listRoleQuotas(actor)));

export const PUT = route({ may: 'users.manage' }, async ({ request, actor }) => {
  const { role, quota } = ROLE_QUOTA_CHANGE.parse(await readJson(request));
  await setRoleQuota(actor, role, quota);
  return json(await listRoleQuotas(actor));
});

import { actorOf, can } from '#lib/accounts/index.ts';
import { checkReadiness, type Readiness } from '#lib/health/index.ts';
import { json, route } from '#lib/http/index.ts';
import { clientOf } from '#lib/proxies/index.ts';

export const dynamic = 'force-dynamic';

/** Everybody is told whether the service can work, and those who look after it why it cannot. */
export const GET = route({ may: 'public' }, async ({ request }) => {
  const readiness = await checkReadiness();
  const { ready } = readiness;
  return json((await maySeeCauses(request, readiness)) ? readiness : { ready }, {
    status: ready ? 200 : 503,
    headers: ready ? {} : { 'retry-after': '5' },
  });
});

async function maySeeCauses({ headers }: Request, { causes }: Readiness): Promise<boolean> {
  if (clientOf(headers).isLocal) return true;
  // Who asks stands in the database.
  return causes.database === null && can(await actorOf(headers).catch(() => null), 'jobs.read');
}

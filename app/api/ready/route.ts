import { checkReadiness } from '#lib/health/index.ts';
import { json, route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

export const GET = route({ may: 'public' }, async () => {
  const readiness = await checkReadiness();
  return json(readiness, {
    status: readiness.ready ? 200 : 503,
    headers: readiness.ready ? {} : { 'retry-after': '5' },
  });
});

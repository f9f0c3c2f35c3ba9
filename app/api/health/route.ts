import { checkHealth } from '#lib/health/index.ts';
import { json, route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

/** Whether this process is right; whether the service can work is `/api/ready`. */
export const GET = route({ may: 'public' }, async () => {
  const health = await checkHealth();
  return json(health, { status: health.status === 'ok' ? 200 : 503 });
});

import { json, route } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

/** The process answers; whether the service can work is `/api/ready`. */
export const GET = route({ may: 'public' }, () => json({ status: 'ok' }));

import { json } from '#lib/http/index.ts';

export const dynamic = 'force-dynamic';

/** The process answers; whether the service can work is `/api/ready`. */
export const GET = () => json({ status: 'ok' });

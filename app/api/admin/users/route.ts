import { listUsers } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';

export const GET = route({ may: 'users.manage' }, async ({ actor }) => json(await listUsers(actor)));

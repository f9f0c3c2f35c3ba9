import { json, route } from '#lib/http/index.ts';
import { listProfiles } from '#lib/previews/index.ts';

export const GET = route({ may: 'previews.manage' }, async ({ actor }) => json(await listProfiles(actor)));

import { json, route } from '#lib/http/index.ts';
import { checkComfyServer } from '#lib/previews/index.ts';

export const GET = route({ may: 'previews.manage' }, async ({ actor }) => json(await checkComfyServer(actor)));

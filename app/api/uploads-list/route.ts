import { json, route } from '#lib/http/index.ts';
import { listUploads } from '#lib/uploads/index.ts';

export const GET = route({ may: 'upload.list' }, async ({ actor }) => json(await listUploads(actor)));

import { json, route } from '#lib/http/index.ts';
import { getPreviewQueue, queueOutdated } from '#lib/previews/index.ts';

export const GET = route({ may: 'previews.manage' }, async ({ actor }) => json(await getPreviewQueue(actor)));

export const POST = route({ may: 'previews.manage' }, async ({ actor }) =>
  json({ queued: await queueOutdated(actor) }, { status: 202 }),
);

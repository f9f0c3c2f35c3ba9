import { json, readJson, route } from '#lib/http/index.ts';
import { listMerges, MERGE_FORM, requestMerge } from '#lib/merges/index.ts';

export const GET = route({ may: 'upload.create' }, async ({ actor }) => json(await listMerges(actor)));

export const POST = route({ may: 'upload.create' }, async ({ request, actor }) =>
  json(await requestMerge(actor, MERGE_FORM.parse(await readJson(request))), { status: 202 }),
);

import { listBulkJobs, NEW_BULK_JOB, requestBulkJob } from '#lib/bulk/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const GET = route({ may: 'model.edit' }, async ({ actor }) => json(await listBulkJobs(actor)));

export const POST = route({ may: 'model.edit' }, async ({ request, actor }) =>
  json(await requestBulkJob(actor, NEW_BULK_JOB.parse(await readJson(request))), { status: 202 }),
);

import { json, readJson, route } from '#lib/http/index.ts';
import { createUploadSet, NEW_UPLOAD_SET } from '#lib/uploads/index.ts';

export const POST = route({ may: 'upload.create' }, async ({ request, actor }) =>
  json(await createUploadSet(actor, NEW_UPLOAD_SET.parse(await readJson(request))), { status: 201 }),
);

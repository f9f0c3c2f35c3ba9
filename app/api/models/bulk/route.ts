import { BULK_CHANGE, changeModels } from '#lib/catalog/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';

export const POST = route({ may: 'model.edit' }, async ({ request, actor }) =>
  json(await changeModels(actor, BULK_CHANGE.parse(await readJson(request)))),
);

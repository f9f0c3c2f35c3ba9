import { dismissChosen, PROPOSAL_CHOICE } from '#lib/bulk/index.ts';
import { json, parseId, readJson, route } from '#lib/http/index.ts';

export const POST = route<{ id: string }>({ may: 'model.edit' }, async ({ request, params, actor }) =>
  json(await dismissChosen(actor, parseId(params.id), PROPOSAL_CHOICE.parse(await readJson(request)))),
);

import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, readJson, route } from '#lib/http/index.ts';
import { editPreviewSettings, getPreviewSettings, SETTINGS_PATCH } from '#lib/previews/index.ts';

export const GET = route(async (request) => json(await getPreviewSettings(await actorOfRequest(request))));

export const PATCH = route(async (request) => {
  const actor = await actorOfRequest(request);
  await editPreviewSettings(actor, SETTINGS_PATCH.parse(await readJson(request)));
  return json(await getPreviewSettings(actor));
});

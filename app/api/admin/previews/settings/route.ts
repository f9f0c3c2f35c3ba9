import { json, readJson, route } from '#lib/http/index.ts';
import { editPreviewSettings, getPreviewSettings, SETTINGS_PATCH } from '#lib/previews/index.ts';

export const GET = route({ may: 'previews.manage' }, async ({ actor }) => json(await getPreviewSettings(actor)));

export const PATCH = route({ may: 'previews.manage' }, async ({ request, actor }) => {
  await editPreviewSettings(actor, SETTINGS_PATCH.parse(await readJson(request)));
  return json(await getPreviewSettings(actor));
});

import { json, route } from '#lib/http/index.ts';
import { searchFolder } from '#lib/imports/index.ts';

export const GET = route({ may: 'imports.manage' }, async ({ request, actor }) =>
  json(await searchFolder(actor, new URL(request.url).searchParams.get('path') ?? '', request.signal)),
);

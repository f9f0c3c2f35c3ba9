import { parseId, route } from '#lib/http/index.ts';
import { cancelRemoteImport } from '#lib/remote/index.ts';

export const POST = route<{ id: string }>({ may: 'upload.create' }, async ({ params, actor }) => {
  await cancelRemoteImport(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});

import { parseId, route } from '#lib/http/index.ts';
import { cancelPreview } from '#lib/previews/index.ts';

export const POST = route<{ id: string }>({ may: 'preview.render' }, async ({ params, actor }) => {
  await cancelPreview(actor, parseId(params.id));
  return new Response(null, { status: 204 });
});

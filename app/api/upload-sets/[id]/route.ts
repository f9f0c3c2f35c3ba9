import { route } from '#lib/http/index.ts';
import { cancelUploadSet } from '#lib/uploads/index.ts';

export const DELETE = route<{ id: string }>({ may: 'upload.create' }, async ({ params, actor }) => {
  await cancelUploadSet(actor, params.id);
  return new Response(null, { status: 204 });
});

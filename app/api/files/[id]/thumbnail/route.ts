import { getThumbnail } from '#lib/catalog/index.ts';
import { foreignContent, parseId, route } from '#lib/http/index.ts';

export const GET = route<{ id: string }>({ may: 'file.download', queryToken: true }, async ({ params, actor }) =>
  foreignContent(await getThumbnail(actor, parseId(params.id))),
);

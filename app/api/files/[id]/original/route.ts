import { countDownload, findOriginal } from '#lib/catalog/index.ts';
import { parseId, route, serveBlob, serveZip } from '#lib/http/index.ts';

const handle = route<{ id: string }>({ may: 'file.download', queryToken: true }, async ({ request, params, actor }) => {
  const keepPickles = new URL(request.url).searchParams.get('pickles') === 'true';
  const original = await findOriginal(actor, parseId(params.id), { keepPickles });
  const { filename, parts, modifiedAt } = original;
  if (parts === null) return (await serveBlob(request, original)).response;
  const response = await serveZip(request, {
    filename: `${filename}.zip`,
    modifiedAt,
    files: parts.map(({ path, ...part }) => ({ path: `${filename}/${path}`, ...part })),
  });
  if (request.method === 'GET') await countDownload(original.modelId);
  return response;
});

export { handle as GET, handle as HEAD };

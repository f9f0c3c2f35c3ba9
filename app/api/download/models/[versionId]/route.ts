import { countDownload, findConverted } from '#lib/catalog/index.ts';
import { parseId, route, serveBlob } from '#lib/http/index.ts';
import { log } from '#lib/log.ts';

const handle = route<{ versionId: string }>(
  { may: 'file.download', queryToken: true },
  async ({ request, params, actor }) => {
    const download = await findConverted(actor, parseId(params.versionId));
    const { response, isStart } = await serveBlob(request, download);
    // A number that is one too small is no reason to refuse the file.
    if (isStart)
      await countDownload(download.modelId).catch((error: Error) =>
        log('http').warn({ error: error.message }, 'A download could not be counted.'),
      );
    return response;
  },
);

export { handle as GET, handle as HEAD };

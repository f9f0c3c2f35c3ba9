import { actorOfRequest } from '../../../../../lib/accounts/index.ts';
import { countDownload, findConverted } from '../../../../../lib/catalog/index.ts';
import { parseId, route, serveBlob } from '../../../../../lib/http/index.ts';

const handle = route<{ versionId: string }>(async (request, { versionId }) => {
  const download = await findConverted(await actorOfRequest(request), parseId(versionId));
  const { response, isStart } = serveBlob(request, download);
  if (isStart) await countDownload(download.modelId);
  return response;
});

export { handle as GET, handle as HEAD };

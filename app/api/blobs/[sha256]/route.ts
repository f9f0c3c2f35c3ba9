import { actorOfRequest } from '#lib/accounts/index.ts';
import { readBytes, route, serveBlob } from '#lib/http/index.ts';
import { findTransfer, MAX_TRANSFER_BYTES, storeTransfer } from '#lib/previews/index.ts';

type Params = { sha256: string };

const handle = route<Params>(async (request, { sha256 }) => {
  const blob = await findTransfer(await actorOfRequest(request), sha256);
  return (await serveBlob(request, blob)).response;
});

export { handle as GET, handle as HEAD };

export const PUT = route<Params>(async (request, { sha256 }) => {
  const actor = await actorOfRequest(request);
  await storeTransfer(actor, sha256, () => readBytes(request, MAX_TRANSFER_BYTES));
  return new Response(null, { status: 201 });
});

import { route, serveBlob } from '#lib/http/index.ts';
import { findTransfer, MAX_TRANSFER_BYTES, storeTransfer } from '#lib/previews/index.ts';

type Params = { sha256: string };

const handle = route<Params>({ may: 'store.transfer' }, async ({ request, params, actor }) => {
  const blob = await findTransfer(actor, params.sha256);
  return (await serveBlob(request, blob)).response;
});

export { handle as GET, handle as HEAD };

export const PUT = route<Params>(
  { may: 'store.transfer', body: MAX_TRANSFER_BYTES },
  async ({ request, params, actor }) => {
    await storeTransfer(actor, params.sha256, () => request.bytes());
    return new Response(null, { status: 201 });
  },
);

import { route } from '#lib/http/index.ts';
import { describeUploads, handleUpload } from '#lib/uploads/index.ts';

type Params = { path?: string[] };

const handle = route<Params>({ may: 'upload.create', body: 'streamed' }, ({ request, actor }) =>
  handleUpload(actor, request),
);

export { handle as DELETE, handle as HEAD, handle as PATCH, handle as POST };

export const OPTIONS = route<Params>({ may: 'public' }, ({ request }) => describeUploads(request));

/**
 * Where bytes of files are answered. The web process answers GET and HEAD of them itself, because the web framework leaves
 * `Content-Length` out, and every answer there gets the policy of `next.config.js` under which nothing in it can run.
 */
export const BYTE_PATHS = [
  '/api/download/models/:versionId',
  '/api/download/models/:versionId/model.sig',
  '/api/files/:id/original',
  '/api/files/:id/thumbnail',
  '/api/pictures/:id',
  '/api/pictures/:id/thumbnail',
  '/api/sidecars/:id',
  '/api/blobs/:sha256',
] as const;

export type BytePath = (typeof BYTE_PATHS)[number];

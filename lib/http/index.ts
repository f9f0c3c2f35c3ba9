export { errorResponse, json, methodNotAllowed, unreadableAddress } from './answer.ts';
export { readJson } from './body.ts';
export type { BytePath } from './byte-paths.ts';
export { createHttpServer } from './create-server.ts';
export { readPath } from './request-path.ts';
export { parseId, type RouteDeclaration, route } from './route.ts';
export { sendResponse } from './send-response.ts';
export { type ForeignContent, type ServedBlob, serveBlob, serveContent } from './serve-bytes.ts';
export { toWebRequest } from './web-request.ts';

export { errorResponse, json } from './answer.ts';
export { readJson } from './body.ts';
export { type ForeignContent, foreignContent } from './foreign-content.ts';
export { parseId, type RouteDeclaration, route } from './route.ts';
export { type ServedBlob, serveBlob } from './serve-blob.ts';

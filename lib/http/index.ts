export { type ForeignContent, foreignContent } from './foreign-content.ts';
export { errorResponse, json, parseId, readJson, route } from './route.ts';
export { type ServedBlob, serveBlob } from './serve-blob.ts';

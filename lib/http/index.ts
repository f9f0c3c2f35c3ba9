export { type ForeignContent, foreignContent } from './foreign-content.ts';
export { errorResponse, json, parseId, readBytes, readJson, route } from './route.ts';
export { type ServedBlob, serveBlob } from './serve-blob.ts';

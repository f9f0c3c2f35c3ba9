export { errorResponse, json, parseId, readJson, route } from './route.ts';

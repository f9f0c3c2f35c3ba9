import { actorOfRequest } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';
import { listProfiles } from '#lib/previews/index.ts';

export const GET = route(async (request) => json(await listProfiles(await actorOfRequest(request))));

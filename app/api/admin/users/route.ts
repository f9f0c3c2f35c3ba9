import { actorOfRequest, listUsers } from '#lib/accounts/index.ts';
import { json, route } from '#lib/http/index.ts';

export const GET = route(async (request) => json(await listUsers(await actorOfRequest(request))));

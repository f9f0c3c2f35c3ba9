import { z } from 'zod';
import { actorOfRequest, authorize, createApiToken, listApiTokens, SCOPES } from '#lib/accounts/index.ts';
import { AppError } from '#lib/errors.ts';
import { json, readJson, route } from '#lib/http/index.ts';

const BODY = z.object({ name: z.string().trim().min(1).max(100), scopes: z.array(z.enum(SCOPES)).min(1) });

/** Tokens are made and listed by a person in a session; a token cannot make others. */
async function person(request: Request) {
  const byToken = request.headers.get('authorization') || new URL(request.url).searchParams.has('token');
  if (byToken) throw new AppError('forbidden', 'API tokens can only be managed in the browser.');
  const actor = await actorOfRequest(request);
  authorize(actor, 'token.create');
  return actor;
}

export const GET = route(async (request) => json(await listApiTokens((await person(request)).id)));

export const POST = route(async (request) => {
  const actor = await person(request);
  const { name, scopes } = BODY.parse(await readJson(request));
  if (scopes.includes('worker')) authorize(actor, 'token.create-worker');
  return json(await createApiToken(actor.id, name, scopes), { status: 201 });
});

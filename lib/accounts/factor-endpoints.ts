import { z } from 'zod';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { clientOf } from '../proxies/index.ts';
import { actorOf } from './actor.ts';
import type { Guarded } from './attempts.ts';
import type { Endpoint } from './endpoint.ts';
import { forward } from './forward.ts';
import { guard } from './guard.ts';
import type { Actor } from './permissions.ts';
import { OIDC_PROVIDER } from './plugins.ts';
import { requireFreshSession } from './provider-link.ts';

const CODE = z.strictObject({ code: z.string().trim().min(1).max(100) });
const PASSWORD = z.strictObject({ password: z.string().max(1000) });
const PROVIDER = z.strictObject({ provider: z.literal(OIDC_PROVIDER), next: z.string().max(2000).default('/') });
const LINK = z.strictObject({ provider: z.literal(OIDC_PROVIDER) });
/** What a browser makes of a passkey; the plugin checks all of it. */
const WEBAUTHN = z.looseObject({ response: z.looseObject({}) });

/** What somebody does with the own ways of signing in. */
type OwnAction = 'user.add-passkey' | 'user.disable-two-factor' | 'user.enable-two-factor' | 'user.new-recovery-codes';

/** What of the plugins is answered: second factors, passkeys and the OpenID provider. */
export const FACTOR_ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST /two-factor/enable': guarded('password', PASSWORD),
  'POST /two-factor/disable': guarded('password', PASSWORD, 'user.disable-two-factor'),
  'POST /two-factor/generate-backup-codes': guarded('password', PASSWORD, 'user.new-recovery-codes'),
  'POST /two-factor/verify-totp': verifyTotp,
  'POST /two-factor/verify-backup-code': guarded('second-factor', CODE),
  'GET /passkey/generate-register-options': forward,
  'POST /passkey/verify-registration': guarded('passkey', WEBAUTHN, 'user.add-passkey'),
  'GET /passkey/generate-authenticate-options': forward,
  'POST /passkey/verify-authentication': guarded('passkey', WEBAUTHN),
  'POST /sign-in/social': signInWithProvider,
  'POST /link-social': linkProvider,
  'GET /callback/oidc': forward,
};

/** One that can be guessed at: each attempt counts until it has passed. What it did is entered into the audit log. */
function guarded(act: Guarded, schema: z.ZodType<object>, action?: OwnAction): Endpoint {
  return async (request, path, body) => {
    const given = schema.parse(body);
    const actor = await actorOf(request.headers);
    const { address } = clientOf(request.headers);
    const attempt = await guard(act, { address, ...(actor && { account: actor.email }) });
    const response = await forward(request, path, given);
    if (!response.ok) {
      await attempt.failed(act === 'password' ? 'wrong-password' : 'wrong-code');
      return response;
    }
    await attempt.passed();
    if (action !== undefined && actor !== null) await enter(actor, action);
    return response;
  };
}

function enter({ id }: Actor, action: OwnAction): Promise<void> {
  return db().$transaction((tx) => audit(tx, { actor: id, action, subject: 'user', subjectId: id }));
}

/** The first code of an app turns the second factor on; later ones sign in. */
async function verifyTotp(request: Request, path: string, body: unknown): Promise<Response> {
  const actor = await actorOf(request.headers);
  const isOn = async () =>
    actor !== null && (await db().user.count({ where: { id: actor.id, twoFactorEnabled: true } })) > 0;
  const before = await isOn();
  const response = await guarded('second-factor', CODE)(request, path, body);
  if (response.ok && actor !== null && !before && (await isOn())) await enter(actor, 'user.enable-two-factor');
  return response;
}

/** Sends somebody to the OpenID provider, who comes back to a page of this catalog and no other. */
async function signInWithProvider(request: Request, path: string, body: unknown): Promise<Response> {
  const { provider, next } = PROVIDER.parse(body);
  if (!/^\/(?![/\\])/.test(next)) throw new AppError('bad_request', 'Give a path of this catalog to return to.');
  return forward(request, path, { provider, callbackURL: next, errorCallbackURL: '/sign-in' });
}

/** Sends somebody to the OpenID provider, to link the own account to the one there. */
async function linkProvider(request: Request, path: string, body: unknown): Promise<Response> {
  const { provider } = LINK.parse(body);
  await requireFreshSession(request.headers);
  return forward(request, path, { provider, callbackURL: '/account', errorCallbackURL: '/account' });
}

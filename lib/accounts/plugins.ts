import { passkey } from '@better-auth/passkey';
import { genericOAuth, twoFactor } from 'better-auth/plugins';
import { config } from '../config.ts';

/** The provider of `WEIGHHOUSE_OIDC_ISSUER`, as accounts name it. */
export const OIDC_PROVIDER = 'oidc';

/** The ways of signing in that better-auth brings as plugins. */
export function authPlugins() {
  const { publicUrl, oidc } = config();
  const site = publicUrl === null ? null : new URL(publicUrl);
  return [
    twoFactor({ issuer: 'Weighhouse' }),
    // Without a public address passkeys are of `localhost`, the one name that browsers take without TLS.
    passkey({ rpName: 'Weighhouse', ...(site && { rpID: site.hostname, origin: site.origin }) }),
    genericOAuth({
      config:
        oidc === null
          ? []
          : [
              {
                providerId: OIDC_PROVIDER,
                discoveryUrl: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                scopes: ['openid', 'email', 'profile'],
                pkce: true,
                requireIdTokenVerification: true,
                // A picture of a provider would be loaded from its server by everybody who looks.
                mapProfileToUser: ({ name, email }) => ({
                  name: name?.slice(0, 100) || String(email ?? '').split('@', 1)[0] || 'Unnamed',
                  image: undefined,
                }),
              },
            ],
    }),
  ] as const;
}

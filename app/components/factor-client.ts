import { passkeyClient } from '@better-auth/passkey/client';
import { twoFactorClient } from 'better-auth/client/plugins';
import { createAuthClient } from 'better-auth/react';

/** Signs in with second factors and passkeys, and sets them up: more code than every page should load. */
export const factorClient = createAuthClient({ plugins: [twoFactorClient(), passkeyClient()] });

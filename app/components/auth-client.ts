import { createAuthClient } from 'better-auth/react';

/** Signs in, up and out; the service's own address, `/api/auth`, is its default. */
export const authClient = createAuthClient();

import { handleAuth } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

/** Signing in and all around it: who may do what of it is decided there. */
const handle = route<{ all: string[] }>({ may: 'public' }, ({ request }) => handleAuth(request));

export { handle as GET, handle as POST };

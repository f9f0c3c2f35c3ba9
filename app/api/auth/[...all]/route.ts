import { auth } from '#lib/accounts/index.ts';
import { route } from '#lib/http/index.ts';

/** Signing in and all around it: who may do what of it is decided there. */
const handle = route<{ all: string[] }>({ may: 'public' }, async ({ request }) => (await auth()).handler(request));

export { handle as GET, handle as POST };

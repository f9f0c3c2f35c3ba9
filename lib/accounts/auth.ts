import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError } from 'better-auth/api';
import { hashPassword } from 'better-auth/crypto';
import { config } from '../config.ts';
import { db, type Tx } from '../db/index.ts';
import { sendMail } from '../mail/index.ts';
import { cookiesOf } from './cookies.ts';
import { insertUser } from './insert-user.ts';
import { addressOf, passwordPath } from './links.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './person.ts';
import { authPlugins } from './plugins.ts';
import { enterFromProvider, enterProviderLink, roleFromProvider } from './provider-sign-up.ts';
import { readSecret } from './secret.ts';

/** A session is fresh for so long after signing in, in seconds: what changes how an account is opened takes one. */
export const FRESH_S = 3600;
/** A link to set a password that was sent by e-mail works this long, in seconds. */
const MAIL_LINK_S = 3600;

/** Accounts and sessions. What of it is answered to the outside, `answerAuth` lists. */
async function createAuth({ prefix, secure }: ReturnType<typeof cookiesOf>) {
  const { publicUrl, signUp } = config();
  const options = {
    appName: 'Weighhouse',
    basePath: '/api/auth',
    secret: await readSecret(),
    database: prismaAdapter(db(), { provider: 'postgresql' }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: MAX_PASSWORD_LENGTH,
      // `signUp` makes accounts.
      disableSignUp: true,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: MAIL_LINK_S,
      sendResetPassword: ({ user, token }) => mailPasswordLink(user, token),
    },
    // Who reads the database must not be able to use the links in it.
    verification: { storeIdentifier: 'hashed' },
    // The service's own route sets passwords by link: it knows disabled accounts and writes the audit log.
    disabledPaths: ['/reset-password', '/request-password-reset'],
    user: {
      additionalFields: {
        role: { type: 'string', input: false, defaultValue: signUp === 'viewer' ? 'viewer' : 'uploader' },
        disabledAt: { type: 'date', input: false, required: false },
      },
    },
    session: {
      expiresIn: 30 * 24 * 3600,
      updateAge: 24 * 3600,
      // A passkey is added soon after signing in: who finds an open browser must not be able to make one.
      freshAge: FRESH_S,
      additionalFields: { lastUsedAt: { type: 'date', input: false, required: false } },
    },
    // The catalog is reached under whatever name its machine has, so the page's own address is the one to trust.
    trustedOrigins: (request) => originsOf(request?.headers ?? new Headers()),
    // Its own way to secure cookies names them `__Secure-`, which other hosts of the domain can set.
    advanced: { useSecureCookies: false, cookiePrefix: prefix, defaultCookieAttributes: { secure, path: '/' } },
    // `guard` limits attempts, in the database and by addresses that can be believed.
    rateLimit: { enabled: false },
    plugins: [...authPlugins()],
    account: { updateAccountOnSignIn: false, accountLinking: { trustedProviders: [] } },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    databaseHooks: {
      user: {
        create: {
          // The OpenID provider alone makes accounts this way: `signUp` and invitations have their own.
          before: async (user) => ({ data: { ...user, role: await roleFromProvider(user) } }),
          after: (user) => enterFromProvider(user),
        },
      },
      account: {
        create: {
          // Nothing here calls the provider again: what is not kept cannot be stolen.
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
          after: (account) => enterProviderLink(account),
        },
      },
      // Whatever way somebody signs in, it ends in a session.
      session: { create: { before: ({ userId }) => refuseDisabled(userId) } },
    },
    ...(publicUrl === null ? {} : { baseURL: publicUrl }),
  } satisfies BetterAuthOptions;
  return betterAuth(options);
}

const created = new Map<string, ReturnType<typeof createAuth>>();

/** Accounts and sessions, for the request with these headers: its cookies are named by how it came. */
export function auth(headers: Headers): ReturnType<typeof createAuth> {
  const cookies = cookiesOf(headers);
  const known = created.get(cookies.prefix);
  if (known !== undefined) return known;
  const making = createAuth(cookies).catch((error: unknown) => {
    // The next request tries again: the database may have been away.
    created.delete(cookies.prefix);
    throw error;
  });
  created.set(cookies.prefix, making);
  return making;
}

/** The same where no request is: hashes of passwords, and rows. */
export function authWithoutRequest(): ReturnType<typeof createAuth> {
  return auth(new Headers());
}

/** Whether somebody runs this catalog yet. Owners of models alone, such as that of the demo, are nobody who could sign in. */
export async function hasAdministrator(client: Tx = db()): Promise<boolean> {
  return (await client.user.findFirst({ where: { role: 'admin' }, select: { id: true } })) !== null;
}

/** The link of an e-mail begins with the setting, never with what a request calls this host. */
async function mailPasswordLink({ id, email }: { id: string; email: string }, token: string): Promise<void> {
  const user = await db().user.findUnique({ where: { id }, select: { disabledAt: true } });
  if (user === null || user.disabledAt !== null) return;
  const link = addressOf(passwordPath(token));
  await sendMail({
    to: email,
    subject: 'Set a new password for Weighhouse',
    text: `Somebody asked for a new password for your account. To set one, open this link within an hour:\n\n${link}\n\nIf it was not you, do nothing: your password stays as it is.\n`,
  });
}

async function refuseDisabled(userId: string): Promise<void> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
  if (user === null || user.disabledAt !== null)
    throw new APIError('FORBIDDEN', {
      code: 'account_disabled',
      message: 'This account is disabled. Ask an administrator to enable it.',
    });
}

/** Makes the administrator that the settings name, unless the account is there. An account's password is never overwritten. */
export async function ensureAdmin(): Promise<void> {
  const { admin } = config();
  if (admin === null) return;
  const email = admin.email.toLowerCase();
  if ((await db().user.findUnique({ where: { email }, select: { id: true } })) !== null) return;
  const hash = await hashPassword(admin.password);
  const name = email.split('@', 1)[0] ?? email;
  await db().$transaction((tx) =>
    insertUser(tx, { name, email, role: 'admin', emailVerified: true, hash, by: 'system' }),
  );
}

function originsOf(headers: Headers): string[] {
  const hosts = [headers.get('host'), config().publicUrl && new URL(config().publicUrl ?? '').host];
  return hosts.filter((host): host is string => Boolean(host)).flatMap((host) => [`http://${host}`, `https://${host}`]);
}

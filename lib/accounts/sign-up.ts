import { hashPassword } from 'better-auth/crypto';
import { z } from 'zod';
import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { clientOf } from '../proxies/index.ts';
import { hasAdministrator } from './auth.ts';
import { guard } from './guard.ts';
import { insertUser } from './insert-user.ts';
import type { Role } from './permissions.ts';
import { EMAIL, NEW_PASSWORD, PERSON_NAME } from './person.ts';
import { isSetupCode, spendSetupCode } from './setup-code.ts';

/** All that a person says of a new account; anything else is refused. */
const SIGN_UP = z.strictObject({
  name: PERSON_NAME,
  email: EMAIL,
  password: NEW_PASSWORD,
  setupCode: z.string().max(100).optional(),
  // What better-auth's client may send; pages lead on by themselves.
  callbackURL: z.unknown().optional(),
  rememberMe: z.unknown().optional(),
});

const FIRST_ACCOUNT_LOCK = 4_711;
/** The answer takes at least so long, so that its time does not tell whether there was an account. */
const ANSWER_MS = 500;

/** Whether anybody may make an account. The first one is another matter. */
export function isSignUpOpen(): boolean {
  return roleOfNewAccounts() !== null;
}

/** Whether these headers come from somebody who has to prove that the service is theirs, by making its first account. */
export function needsSetupCode(headers: Headers): boolean {
  return !clientOf(headers).isLocal;
}

/**
 * Makes an account. Whoever makes the first one becomes administrator, and has to know the setup code unless they are on
 * this machine. Where the address has an account, it is left as it is, and nothing here tells. Throws AppError.
 */
export async function signUp(headers: Headers, body: unknown): Promise<void> {
  const { name, email, password, setupCode } = SIGN_UP.parse(body);
  const isFirst = !(await hasAdministrator());
  if (!isFirst && !isSignUpOpen()) throw refusal();
  const { address } = clientOf(headers);
  await guard('sign-up', { address });
  if (isFirst && needsSetupCode(headers)) await checkSetupCode(address, setupCode ?? '');

  const soonest = Date.now() + ANSWER_MS;
  const hash = await hashPassword(password);
  await db().$transaction((tx) => enterAccount(tx, { name, email, hash, mayBeFirst: isFirst }));
  await new Promise((next) => setTimeout(next, Math.max(0, soonest - Date.now())));
}

async function checkSetupCode(address: string, given: string): Promise<void> {
  if (given === '') throw new AppError('forbidden', 'Enter the setup code that the service printed when it started.');
  const attempt = await guard('setup-code', { address });
  if (await isSetupCode(given)) return attempt.passed();
  await attempt.failed('wrong-code');
  throw new AppError('forbidden', 'This is not the setup code that the service printed when it started.');
}

interface NewAccount {
  name: string;
  email: string;
  /** Of the password. */
  hash: string;
  /** Whether it was asked for as the first one, with what that takes. */
  mayBeFirst: boolean;
}

/** Two people may sign up at the same moment; the lock lets one of them be first. */
async function enterAccount(tx: Tx, { name, email, hash, mayBeFirst }: NewAccount): Promise<void> {
  if (mayBeFirst) await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_ACCOUNT_LOCK})`;
  const isFirst = mayBeFirst && !(await hasAdministrator(tx));
  const role = isFirst ? 'admin' : roleOfNewAccounts();
  if (role === null) throw refusal();

  const id = await insertUser(tx, { name, email, role, emailVerified: false, hash });
  if (id === null || !isFirst) return;
  await spendSetupCode(tx);
  await audit(tx, { actor: 'system', action: 'user.first-admin', subject: 'user', subjectId: id, after: { role } });
}

/** Null where accounts are not for everybody. */
function roleOfNewAccounts(): Role | null {
  const { signUp: setting } = config();
  return setting === 'uploader' || setting === 'viewer' ? setting : null;
}

function refusal(): AppError {
  return new AppError(
    'forbidden',
    config().signUp === 'invitation'
      ? 'Accounts are by invitation. Ask an administrator for one.'
      : 'Sign-up is disabled. Ask an administrator for an account.',
  );
}

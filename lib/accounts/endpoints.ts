import { z } from 'zod';
import { db } from '../db/index.ts';
import { AppError, ERROR_STATUS, type ErrorCode } from '../errors.ts';
import { clientOf } from '../proxies/index.ts';
import { wordsOf } from './call-auth.ts';
import type { Endpoint } from './endpoint.ts';
import { FACTOR_ENDPOINTS } from './factor-endpoints.ts';
import { forward } from './forward.ts';
import { guard } from './guard.ts';
import { findKnownDevice, rememberDevice } from './known-device.ts';
import { signUp } from './sign-up.ts';

/** Fields of bodies that better-auth's own client may send; `callbackURL` is left out, because pages lead on by themselves. */
const SIGN_IN = z.strictObject({
  email: z.string().trim().max(254),
  password: z.string().max(1000),
  rememberMe: z.boolean().optional(),
  callbackURL: z.unknown().optional(),
});

/** What of better-auth is answered. Whatever else it brings, and what its next version adds, is not there. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST /sign-in/email': signIn,
  'POST /sign-up/email': createAccount,
  'POST /sign-out': forward,
  'GET /get-session': forward,
  ...FACTOR_ENDPOINTS,
};

/**
 * Answers below `/api/auth`. No answer holds what a session is opened with. Errors look as everywhere else, and have
 * `message` and `code` where better-auth's client looks for them too.
 */
export async function answerAuth(request: Request, path: string, body: unknown): Promise<Response> {
  const endpoint = ENDPOINTS[`${request.method} /${path}`];
  if (endpoint === undefined) throw new AppError('not_found', 'Not found.');
  const response = await endpoint(request, path, body);
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('cache-control', 'private, no-store');
  const text = await response.text();
  if (text === '') return new Response(null, { status: response.status, headers });
  const answer: unknown = JSON.parse(text, (key, value) => (key === 'token' ? undefined : value));
  return Response.json(response.ok ? answer : asError(answer, response.status), {
    status: response.status,
    headers,
  });
}

function asError(answer: unknown, status: number) {
  const { message: said, code } = ERROR_BODY.parse(answer);
  const message = wordsOf(code, said);
  const kind = ERROR_CODES.find((name) => ERROR_STATUS[name] === status) ?? 'bad_request';
  return { message, code, error: { code: kind, message } };
}

const ERROR_BODY = z.object({ message: z.string().optional(), code: z.string().optional() }).catch({});
const ERROR_CODES = Object.keys(ERROR_STATUS) as ErrorCode[];

/** The same answer whether or not the address had an account. */
async function createAccount({ headers }: Request, _path: string, body: unknown): Promise<Response> {
  await signUp(headers, body);
  return Response.json({ message: 'If this e-mail address had no account, it has one now. Sign in with it.' });
}

/** A failed sign-in takes at least so long, so that its time does not tell whether there is an account. */
const FAILURE_MS = 500;

async function signIn(request: Request, path: string, body: unknown): Promise<Response> {
  const { email, password, rememberMe } = SIGN_IN.parse(body);
  const device = await findKnownDevice(request.headers, email);
  const { address } = clientOf(request.headers);
  const attempt = await guard('sign-in', { address, account: email, device });
  const soonest = Date.now() + FAILURE_MS;
  const response = await forward(request, path, {
    email,
    password,
    ...(rememberMe === undefined ? {} : { rememberMe }),
  });
  if (response.status === ERROR_STATUS.not_signed_in) {
    const user = await db().user.findUnique({ where: { email: email.toLowerCase() }, select: { id: true } });
    await attempt.failed(user === null ? 'unknown-account' : 'wrong-password');
    await new Promise((next) => setTimeout(next, Math.max(0, soonest - Date.now())));
    return response;
  }
  await attempt.passed();
  // With a second factor still to come, nobody is signed in yet.
  if (response.ok && opensSession(response))
    response.headers.append('set-cookie', await rememberDevice(request.headers, email));
  return response;
}

function opensSession(response: Response): boolean {
  return response.headers.getSetCookie().some((cookie) => /^[^=]*session_token=[^;]/.test(cookie));
}

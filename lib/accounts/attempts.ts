/** Everything that can be guessed at, or done too often, in words for a sentence. */
export const ATTEMPTS = {
  'sign-in': 'a sign-in',
  'sign-up': 'a sign-up',
  'setup-code': 'a setup code',
  password: 'the own password',
  'second-factor': 'a second factor',
  passkey: 'a passkey',
  link: 'a link',
  'password-mail': 'a link by e-mail',
} as const;
export type Guarded = keyof typeof ATTEMPTS;

/** Why an attempt was refused. */
export const FAILURES = {
  'wrong-password': 'wrong password',
  'unknown-account': 'no such account',
  'wrong-code': 'wrong code',
} as const;
export type FailureReason = keyof typeof FAILURES;

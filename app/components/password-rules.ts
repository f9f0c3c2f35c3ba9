const MIN_LENGTH = 8;

export const PASSWORD_HINT = `At least ${MIN_LENGTH} characters`;

/** What is wrong with a new password, for a form; the service checks it again. */
export function checkPassword(password: string): string | null {
  return password.length < MIN_LENGTH ? `Use at least ${MIN_LENGTH} characters.` : null;
}

/** What is wrong with an e-mail address, for a form; the service checks it again. */
export function checkEmail(email: string): string | null {
  return /^\S+@\S+$/.test(email.trim()) ? null : 'Enter a valid e-mail address.';
}

/** Where to go after signing in: a path of this service and nothing else, or a link could lead elsewhere with our name on it. */
export function safeNext(next: string | string[] | undefined): string {
  return typeof next === 'string' && /^\/(?![/\\])[^\\\s]*$/.test(next) && !next.startsWith('/sign-') ? next : '/';
}

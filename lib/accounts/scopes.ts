/** What a token may be used for, in the words of the account page, the command's help and the documentation. */
export const SCOPE_WORDS = {
  read: 'View the catalog, including your own models that are not published, and download.',
  upload: 'Upload files, and add versions and images to your models; merge models.',
  write: 'Edit and delete models and images that you may edit, retry failed stages, render previews.',
  worker: 'Fetch converted files and store rendered images, for a worker on another machine. For administrators.',
  admin: 'Manage accounts, tokens, settings and quarantined files. For administrators.',
} as const;

export type Scope = keyof typeof SCOPE_WORDS;
export const SCOPES = Object.keys(SCOPE_WORDS) as readonly Scope[];

/** What a person who is signed in may use of the own role: all of it. */
export const SESSION_GRANT: readonly Scope[] = [...SCOPES];

/** Scopes that only an administrator's token has; it loses them with the role. */
export const ADMIN_SCOPES: readonly Scope[] = ['worker', 'admin'];

/** The scopes in what the database keeps; a word that is none of them grants nothing. */
export function parseScopes(words: readonly string[]): Scope[] {
  return SCOPES.filter((scope) => words.includes(scope));
}

import type { Role } from '#lib/accounts/index.ts';

/** What a role is called, and what it adds to the one before it. */
export const ROLES: readonly { value: Role; name: string; may: string }[] = [
  { value: 'viewer', name: 'Viewer', may: 'can view and download' },
  { value: 'uploader', name: 'Uploader', may: 'can also upload' },
  { value: 'moderator', name: 'Moderator', may: 'can also review quarantined files' },
  { value: 'admin', name: 'Administrator', may: 'can also manage users and settings' },
];

/** The same for a field where a role is selected. */
export const ROLE_CHOICES = ROLES.map(({ value, name, may }) => ({ value, label: `${name}: ${may}` }));

export function roleName(role: string): string {
  return ROLES.find(({ value }) => value === role)?.name ?? role;
}

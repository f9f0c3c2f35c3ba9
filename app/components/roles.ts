import type { Role } from '#lib/accounts/index.ts';

/** What a role is called, and what it adds to the one before it. */
export const ROLES: readonly { value: Role; name: string; may: string }[] = [
  { value: 'viewer', name: 'Viewer', may: 'reads and downloads' },
  { value: 'uploader', name: 'Uploader', may: 'uploads too' },
  { value: 'moderator', name: 'Moderator', may: 'opens the quarantine' },
  { value: 'admin', name: 'Administrator', may: 'manages people' },
];

export function roleName(role: string): string {
  return ROLES.find(({ value }) => value === role)?.name ?? role;
}

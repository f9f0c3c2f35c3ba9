import { ROLE_NAMES } from '#lib/accounts/client.ts';
import type { Role } from '#lib/accounts/index.ts';

export { roleName } from '#lib/accounts/client.ts';

/** What a role is called, and what it adds to the one before it. */
export const ROLES: readonly { value: Role; name: string; may: string }[] = [
  { value: 'viewer', name: ROLE_NAMES.viewer, may: 'can view and download' },
  { value: 'uploader', name: ROLE_NAMES.uploader, may: 'can also upload' },
  { value: 'moderator', name: ROLE_NAMES.moderator, may: 'can also review quarantined files' },
  { value: 'admin', name: ROLE_NAMES.admin, may: 'can also manage users and settings' },
];

/** The same for a field where a role is selected. */
export const ROLE_CHOICES = ROLES.map(({ value, name, may }) => ({ value, label: `${name}: ${may}` }));

/** For a field with room for the name alone; its list shows `describeRole`. */
export const ROLE_NAME_CHOICES = ROLES.map(({ value, name }) => ({ value, label: name }));

/** A role with what it may do. */
export function describeRole(role: string): string {
  return ROLE_CHOICES.find(({ value }) => value === role)?.label ?? role;
}

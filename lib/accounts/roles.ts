import type { Role } from './permissions.ts';

/** What roles are called. */
export const ROLE_NAMES: Record<Role, string> = {
  viewer: 'Viewer',
  uploader: 'Uploader',
  moderator: 'Moderator',
  admin: 'Administrator',
};

/** The name of a role; one that no list has is shown as it is. */
export function roleName(role: string): string {
  return Object.hasOwn(ROLE_NAMES, role) ? ROLE_NAMES[role as Role] : role;
}

import { config } from '../config.ts';

/**
 * Paths of pages that take a secret. It is in the fragment, which browsers send to no server, so that it enters no log.
 */
export function passwordPath(token: string): string {
  return `/reset-password#${token}`;
}

export function invitationPath(token: string): string {
  return `/invitation#${token}`;
}

/** The address of a page of the catalog, as people reach it. */
export function addressOf(path: string): string {
  const { publicUrl, port } = config();
  return (publicUrl ?? `http://localhost:${port}`).replace(/\/$/, '') + path;
}

import { SESSION_GRANT } from '../accounts/index.ts';
import { config } from '../config.ts';

/** Who can open the database on the service's machine may do what an administrator may. */
export const OPERATOR = { id: 'system', name: 'Command line', email: '', role: 'admin', grant: SESSION_GRANT } as const;

/** The address of a page of the catalog, as people reach it. */
export function addressOf(path: string): string {
  const { publicUrl, port } = config();
  return (publicUrl ?? `http://localhost:${port}`).replace(/\/$/, '') + path;
}

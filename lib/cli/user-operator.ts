import type { ZodType } from 'zod';
import { SESSION_GRANT } from '../accounts/index.ts';
import { AppError } from '../errors.ts';

/** Who can open the database on the service's machine may do what an administrator may. */
export const OPERATOR = { id: 'system', name: 'Command line', email: '', role: 'admin', grant: SESSION_GRANT } as const;

/** What was typed, as the schema reads it. Throws AppError that says what does not hold. */
export function readInput<T>(schema: ZodType<T>, input: unknown): T {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const lines = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new AppError('bad_request', lines.join(' '));
}

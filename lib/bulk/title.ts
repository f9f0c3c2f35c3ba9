import { z } from 'zod';
import { findBulkAction, isBulkAction } from './actions.ts';

/** What an undo is given: the job that it takes back, and what that did in words. */
export const UNDO = z.object({ jobId: z.int(), title: z.string() });

/** What a job does, in words. One of an older version may have an action that is not known any more. */
export function titleOf(name: string, params: unknown): string {
  if (name === 'undo') {
    const undo = UNDO.safeParse(params);
    return undo.success ? `Undo: ${undo.data.title}` : 'Undo';
  }
  if (!isBulkAction(name)) return name;
  const action = findBulkAction(name);
  const parsed = action.params.safeParse(params);
  return parsed.success ? action.title(parsed.data) : name;
}

import { isSystemError } from '#scanner/errors.ts';

/** PostgreSQL's SQLSTATE for a disk without room. */
const SQL_STATE = '53100';

interface Cause {
  code?: unknown;
  originalCode?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** What people are told of it. */
export const DISK_FULL = 'Not enough disk space on the server. What was received is kept. Contact the administrator.';

/** Whether something failed because the disk, or a person's share of it, is full: files or the database. */
export function isDiskFull(error: unknown): boolean {
  return isSystemError(error, 'ENOSPC', 'EDQUOT') || isCausedByFullDisk(error, 5);
}

/** `depth`: how many causes behind it are looked at, because each library wraps the errors of the one below. */
function isCausedByFullDisk(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, originalCode, cause, meta } = error as Cause;
  if (code === SQL_STATE || originalCode === SQL_STATE || isSystemError(error, 'ENOSPC', 'EDQUOT')) return true;
  return isCausedByFullDisk(cause, depth - 1) || isCausedByFullDisk(meta?.driverAdapterError, depth - 1);
}

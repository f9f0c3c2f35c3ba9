export { closeDb, db, openClient, type PrismaClient, type Tx } from './client.ts';
export { Prisma } from './generated/client.ts';
export type * from './generated/enums.ts';
export { jsonColumn } from './json-column.ts';
export { type AcquireOptions, type SessionLock, SessionLocks } from './session-locks.ts';
export { storable } from './storable.ts';

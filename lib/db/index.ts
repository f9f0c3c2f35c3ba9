export { askServer } from './ask-server.ts';
export { closeDb, db, openClient, type PrismaClient, type Tx, waitForDatabase } from './client.ts';
export { newConnection } from './connection.ts';
export { Prisma } from './generated/client.ts';
export type * from './generated/enums.ts';
export { jsonColumn } from './json-column.ts';
export { DATABASE_AWAY, isDatabaseOutage } from './outage.ts';
export { type AcquireOptions, type SessionLock, SessionLocks } from './session-locks.ts';
export { storable } from './storable.ts';

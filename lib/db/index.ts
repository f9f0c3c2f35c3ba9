export { closeDb, db, openClient, type PrismaClient, type Tx } from './client.ts';
export { Prisma } from './generated/client.ts';
export type * from './generated/enums.ts';

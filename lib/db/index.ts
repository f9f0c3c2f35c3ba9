export { closeDb, db, openClient, type PrismaClient, type Tx } from './client.ts';
export { dropDatabase, type EmbeddedDatabase, ensureDatabase, startEmbeddedPostgres } from './embedded.ts';
export { Prisma } from './generated/client.ts';
export type * from './generated/enums.ts';
export { diffFromDatabase, migrate, scriptFromEmpty } from './schema-engine.ts';

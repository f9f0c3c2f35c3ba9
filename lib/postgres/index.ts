export { checkConnection } from './check-connection.ts';
export { dropDatabase, type EmbeddedDatabase, ensureDatabase, startEmbeddedPostgres } from './embedded.ts';
export { findFreePort } from './free-port.ts';
export { findRunningPostgres } from './running.ts';
export { diffFromDatabase, migrate } from './schema-engine.ts';

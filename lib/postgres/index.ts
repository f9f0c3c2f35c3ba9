export { checkConnection } from './check-connection.ts';
export {
  dropDatabase,
  type EmbeddedDatabase,
  type EmbeddedOptions,
  ensureDatabase,
  MissingDatabase,
  startEmbeddedPostgres,
} from './embedded.ts';
export { findFreePort } from './free-port.ts';
export { findRunningPostgres } from './running.ts';
export { diffFromDatabase, migrate } from './schema-engine.ts';

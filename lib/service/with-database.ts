import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { config } from '../config.ts';
import { closeDb } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { checkConnection, findRunningPostgres, migrate, startEmbeddedPostgres } from '../postgres/index.ts';
import { claimHome } from './claim-home.ts';

/**
 * Runs `use` with the service's database: the one DATABASE_URL names, the embedded one of the service that runs on the
 * data folder, or, where none runs, an embedded one for the moment. Throws AppError with one clear line, also where no
 * service has ever run: a database made here would be an empty one in the wrong place.
 */
export async function withDatabase<T>(use: () => Promise<T>): Promise<T> {
  const { databaseUrl, home } = config();
  const running = databaseUrl ?? (await findRunningPostgres(home));
  if (running !== null) {
    await checkConnection(running);
    return useAndClose(running, use);
  }
  if (!hasDatabase(home)) {
    throw new AppError(
      'not_found',
      `No service data found in ${home}. Set WEIGHHOUSE_HOME to the data folder of the service, or start the service first with \`npm start\`.`,
    );
  }
  const releaseHome = await claimHome(home);
  try {
    const server = await startEmbeddedPostgres(home);
    try {
      await migrate(server.databaseUrl);
      return await useAndClose(server.databaseUrl, use);
    } finally {
      await server.stop();
    }
  } finally {
    releaseHome();
  }
}

/** Throws AppError where the system does not say. */
function hasDatabase(home: string): boolean {
  try {
    return statSync(join(home, 'postgres')).isDirectory();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    if (!isSystemError(error)) throw error;
    throw new AppError(
      'unavailable',
      `The data folder ${home} cannot be read (${error.code}). Run the command as the user that the service runs as.`,
    );
  }
}

async function useAndClose<T>(databaseUrl: string, use: () => Promise<T>): Promise<T> {
  config().databaseUrl = databaseUrl;
  try {
    return await use();
  } finally {
    await closeDb();
  }
}

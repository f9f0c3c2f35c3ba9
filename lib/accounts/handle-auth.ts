import { config } from '../config.ts';
import { askServer, DATABASE_AWAY } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { auth } from './auth.ts';

/**
 * Answers a request to sign in and all around it. Throws AppError `unavailable` in an outage of the database: the library
 * answers some failures itself, with 500, which no client tries again.
 */
export async function handleAuth(request: Request): Promise<Response> {
  const response = await (await auth(request.headers)).handler(request);
  const { databaseUrl } = config();
  if (response.status === 500 && databaseUrl !== null && (await askServer(databaseUrl)) !== 'up')
    throw new AppError('unavailable', DATABASE_AWAY);
  return response;
}

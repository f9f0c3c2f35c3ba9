import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '../config.ts';
import { closeDb } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { checkConnection, migrate } from '../postgres/index.ts';
import { findProgram, projectRoot, waitForStopRequest } from '../process/index.ts';
import type { JobKind } from '../queue/index.ts';
import { runWorker } from '../worker/index.ts';
import { closeHome } from './close-home.ts';
import { EXIT } from './exit-codes.mjs';
import { keepRunning, LIMITS } from './keep-running.ts';
import { programPart } from './parts.ts';

const ROOT = projectRoot();

/** One worker on the database of the settings, alongside any number of others. Returns when it was told to stop. */
export async function runWorkerAlone(kinds: readonly JobKind[]): Promise<void> {
  await openNamedDatabase();
  console.error(`The worker runs jobs of these kinds: ${kinds.join(', ')}. Press Ctrl-C to stop.`);
  await runWorker(kinds);
}

/**
 * One web server on the database of the settings, restarted when it ends or is stuck. Returns when it was told to stop, or
 * with an exit code when it cannot be kept running.
 */
export async function runWebAlone(): Promise<void> {
  await openNamedDatabase();
  if (!existsSync(join(ROOT, '.next', 'BUILD_ID')))
    throw new AppError('unavailable', 'The web app is not built yet. Run `npm run build` first.');
  // A worker needs nothing of accounts.
  const { describeFirstAccount } = await import('./first-account.ts');
  const firstAccount = await describeFirstAccount(config().publicUrl ?? `http://localhost:${config().port}`);
  await closeDb();
  if (firstAccount !== null) console.error(firstAccount);
  const stopped = waitForStopRequest();
  console.error(`The web server listens on port ${config().port}. Press Ctrl-C to stop.`);
  const web = keepRunning(
    programPart({
      name: 'The web server',
      args: [findProgram('web')],
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    }),
    { ...LIMITS, silence: config().stuckAfterSeconds },
  );
  const failure = await Promise.race([stopped, web.givenUp]);
  await web.stop();
  if (failure === undefined) return;
  console.error(`${failure}. The service ends (exit code ${EXIT.process}).`);
  process.exitCode = EXIT.process;
}

async function openNamedDatabase(): Promise<void> {
  const { databaseUrl, home } = config();
  if (databaseUrl === null) {
    throw new AppError(
      'bad_request',
      'Set DATABASE_URL to the PostgreSQL that all parts of the service share. To use the embedded PostgreSQL, run `npm start`.',
    );
  }
  await closeHome(home);
  await checkConnection(databaseUrl);
  await migrate(databaseUrl);
}

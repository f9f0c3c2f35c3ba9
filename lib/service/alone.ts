import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { checkConnection, migrate } from '../postgres/index.ts';
import { findProgram, projectRoot } from '../process/index.ts';
import type { JobKind } from '../queue/index.ts';
import { runWorker } from '../worker/index.ts';

const ROOT = projectRoot();

/** One worker on the database of the settings, alongside any number of others. Returns when it was told to stop. */
export async function runWorkerAlone(kinds: readonly JobKind[]): Promise<void> {
  await openNamedDatabase();
  console.error(`The worker runs jobs of these kinds: ${kinds.join(', ')}. Press Ctrl-C to stop.`);
  await runWorker(kinds);
}

/** One web server on the database of the settings. Returns when it was told to stop. */
export async function runWebAlone(): Promise<void> {
  await openNamedDatabase();
  if (!existsSync(join(ROOT, '.next', 'BUILD_ID')))
    throw new AppError('unavailable', 'The web app is not built yet. Run `npm run build` first.');
  console.error(`The web server listens on port ${config().port}. Press Ctrl-C to stop.`);
  const server = spawn(process.execPath, [findProgram('web')], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  // Ctrl-C reaches it by itself; this process waits for its end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  const [code] = (await once(server, 'exit')) as [number | null];
  process.exitCode = code ?? 2;
}

async function openNamedDatabase(): Promise<void> {
  const { databaseUrl } = config();
  if (databaseUrl === null) {
    throw new AppError(
      'bad_request',
      'Set DATABASE_URL to the PostgreSQL that all parts of the service share. To use the embedded PostgreSQL, run `npm start`.',
    );
  }
  await checkConnection(databaseUrl);
  await migrate(databaseUrl);
}

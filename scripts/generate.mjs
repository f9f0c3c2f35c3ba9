// Generates the Prisma client when the schema or Prisma itself has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './run-step.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

const folder = join(root, 'lib', 'db', 'generated');
const stamp = join(folder, '.schema');

/** Throws with Prisma's own words when the schema does not hold. */
export async function ensureClient() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'node_modules/prisma/package.json'])
    hash.update(readFileSync(join(root, file)));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const step = 'Generating the database client';
  const { status, output } = await runStep(step, commandOf('prisma'), ['generate', '--no-hints'], {
    cwd: root,
    shows: () => false,
    shell: process.platform === 'win32',
    // Prisma looks for its native schema engine before it generates, and downloads one if told nothing. Generating does
    // not use it, and migrations run on the WebAssembly engine, so any file that exists will do.
    env: childEnvironment({ PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }),
  });
  if (status !== 0) throw new Error(`The Prisma client could not be generated:\n${output}`);
  writeFileSync(stamp, wanted);
}

if (process.argv[1] === join(root, 'scripts', 'generate.mjs')) await ensureClient();

// Generates the Prisma client when the schema or Prisma itself has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, commandOf, root } from './with-node.mjs';

const folder = join(root, 'lib', 'db', 'generated');
const stamp = join(folder, '.schema');

/** Throws with Prisma's own words when the schema does not hold. */
export function ensureClient() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'node_modules/prisma/package.json'])
    hash.update(readFileSync(join(root, file)));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const generate = spawnSync(commandOf('prisma'), ['generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    // Prisma looks for its native schema engine before it generates, and downloads one if told nothing. Generating does
    // not use it, and migrations run on the WebAssembly engine, so any file that exists will do.
    env: childEnvironment({ PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }),
  });
  if (generate.status !== 0)
    throw new Error(`The Prisma client could not be generated:\n${generate.stdout}${generate.stderr}`);
  writeFileSync(stamp, wanted);
}

if (process.argv[1] === join(root, 'scripts', 'generate.mjs')) ensureClient();

// What `npm pack` puts into the package: the scanner and the command line as JavaScript with types, because Node runs no
// TypeScript inside `node_modules`. Other projects import `weighhouse/scanner` from it; a clone needs none of it.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureClient } from './generate.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

const FOLDER = join(root, 'dist');

/** One JavaScript file a source file; imports of packages stay as they are. */
async function writeModules() {
  const { rolldown } = await import('rolldown');
  const files = ['lib', 'scanner'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true }).map((file) => join(room, file)),
  );
  const input = files.filter((path) => /(?<!\.d)\.ts$/.test(path));
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    external: (id) => !/^(\.|\/|#)/.test(id),
  });
  await build.write({ dir: FOLDER, format: 'esm', preserveModules: true, preserveModulesRoot: root });
}

function writeTypes() {
  const types = spawnSync(commandOf('tsc'), ['-p', 'tsconfig.package.json'], {
    cwd: root,
    stdio: 'inherit',
    env: childEnvironment(),
    shell: process.platform === 'win32',
  });
  if (types.status !== 0) process.exit(types.status ?? 1);
}

ensureClient();
rmSync(FOLDER, { recursive: true, force: true });
await writeModules();
writeTypes();

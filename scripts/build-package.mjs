// What `npm pack` puts into the package: the scanner and the command line as JavaScript with types, because Node runs no
// TypeScript inside `node_modules`. Other projects import `weighhouse/scanner` from it; a clone needs none of it.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureClient } from './generate.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

ensureClient();
rmSync(join(root, 'dist'), { recursive: true, force: true });
const built = spawnSync(commandOf('tsc'), ['-p', 'tsconfig.package.json'], {
  cwd: root,
  stdio: 'inherit',
  env: childEnvironment(),
  shell: process.platform === 'win32',
});
process.exit(built.status ?? 1);

// What `npm pack` puts into the package: the bundle, and the types of the scanner for projects that import it.
import { spawnSync } from 'node:child_process';
import { ensureBundle } from './ensure-bundle.mjs';
import { ensureClient } from './generate.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

await ensureClient();
ensureBundle('--package');
const types = spawnSync(commandOf('tsc'), ['-p', 'tsconfig.package.json'], {
  cwd: root,
  stdio: 'inherit',
  env: childEnvironment(),
  shell: process.platform === 'win32',
});
if (types.status !== 0) process.exit(types.status ?? 1);

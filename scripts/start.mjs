// `npm start`: needs Node 20 or newer and npm, and nothing else. Installs, generates and builds what is missing or
// stale, and then runs the service under the Node that the project brings.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureClient } from './generate.mjs';
import { childEnvironment, commandOf, ensureInstalled, root } from './with-node.mjs';

const options = process.argv.slice(2);

if (options.includes('--help')) {
  console.log('npm start [-- --demo]    run the service; --demo fills an empty catalog with small models');
  console.log('npm run dev              the same, reloading when the source changes');
  process.exit(0);
}

ensureInstalled();
ensureClient();
if (!options.includes('--dev')) ensureBuilt();

const service = spawn(commandOf('node'), [join(root, 'lib', 'service', 'main.ts'), ...options], {
  cwd: root,
  stdio: 'inherit',
  env: childEnvironment({ NODE_NO_WARNINGS: '1' }),
  shell: process.platform === 'win32',
});
// The terminal sends Ctrl-C to both; this process waits for the service to stop everything in order.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => service.kill('SIGTERM'));
service.on('exit', (code) => process.exit(code ?? 1));

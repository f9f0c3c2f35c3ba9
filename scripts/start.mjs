// `npm start`: needs Node 20.19 or newer and npm, and nothing else. Installs, generates and builds what is missing or
// stale, and then runs the service under the Node that the project brings.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { EXIT, EXIT_MEANINGS } from '../lib/service/exit-codes.mjs';
import { ensureBuilt } from './build.mjs';
import { compileCacheFolder } from './compile-cache.mjs';
import { ensureBundle } from './ensure-bundle.mjs';
import { ensureClient } from './generate.mjs';
import { endWithNpm } from './starter.mjs';
import { childEnvironment, ensureInstalled, nodeCommand, root } from './with-node.mjs';

const OPTIONS = ['--demo', '--dev', '--help'];
const options = process.argv.slice(2);

// Before anything is installed, which takes minutes.
const unknown = options.find((option) => !OPTIONS.includes(option));
if (unknown !== undefined) {
  console.error(`There is no option ${unknown}. Settings are environment variables, as in: PORT=8080 npm start`);
  process.exit(EXIT.usage);
}
if (options.includes('--help')) {
  console.log('npm start [-- --demo]    run the service; --demo fills an empty catalog with small models');
  console.log('npm run dev              the same, reloading when the source changes');
  console.log('\nExit codes:');
  for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) console.log(`  ${code.padStart(3)}  ${meaning}`);
  process.exit(0);
}

endWithNpm();
await ensureInstalled();
await ensureClient();
const development = options.includes('--dev');
if (!development) {
  await ensureBuilt();
  ensureBundle();
}
const service = join(root, ...(development ? ['lib', 'service', 'main.ts'] : ['dist', 'lib', 'service', 'main.js']));

// A session of its own keeps the terminal's Ctrl-C from PostgreSQL and the other processes, which have to end in order.
// When this process is gone, the closed channel tells the service to stop.
const running = spawn(nodeCommand, [service, ...options], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  env: childEnvironment({
    NODE_NO_WARNINGS: '1',
    ...(development ? {} : { NODE_COMPILE_CACHE: compileCacheFolder() ?? undefined }),
  }),
  detached: process.platform !== 'win32',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => running.kill(signal));
running.on('exit', (code) => process.exit(code ?? 1));

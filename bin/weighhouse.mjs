#!/usr/bin/env node
// The `weighhouse` command. Runs on any Node from 20 on, and hands over to the Node that the project brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureClient } from '../scripts/generate.mjs';
import { nodeCommand, root } from '../scripts/with-node.mjs';

const FAILED = 2;
/** These read files and know of no database, so they work where nothing can be generated or written. */
const WITHOUT_DATABASE = ['scan', 'identify', 'convert', 'hash', 'upload', '--version', '-V'];
/** These are parts of the service, which runs from a clone: its pages and its database client are made there. */
const SERVICE = ['token', 'user', 'web', 'worker'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const args = process.argv.slice(2);

function fail(message) {
  console.error(message);
  process.exit(FAILED);
}

const source = join(root, 'lib', 'cli', 'main.ts');
const packed = !existsSync(source);

if (!existsSync(nodeCommand)) fail(`Weighhouse is not installed yet. Run \`npm ci\` in ${root} first.`);
if (packed) {
  if (SERVICE.includes(args[0]))
    fail(`weighhouse: \`${args[0]}\` belongs to the service, which runs from a clone of Weighhouse (\`npm start\`).`);
} else if (!WITHOUT_DATABASE.includes(args[0])) {
  try {
    ensureClient();
  } catch (error) {
    fail(`weighhouse: ${error.message}`);
  }
}

const child = spawn(nodeCommand, [packed ? join(root, 'dist', 'lib', 'cli', 'main.js') : source, ...args], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1' },
});

// The terminal may be closed.
process.stderr.on('error', () => {});

let told = null;
for (const signal of SIGNALS) {
  process.on(signal, () => {
    told ??= signal;
    // A terminal tells the command of Ctrl-C as well, a build server does not. SIGTERM beside it harms no command, while
    // on Windows it would cut short what the command does about Ctrl-C.
    if (process.platform !== 'win32') child.kill('SIGTERM');
  });
}

child.on('error', (error) => fail(`weighhouse: ${nodeCommand} cannot be run (${error.message}).`));
child.on('exit', (code, signal) => {
  // A progress bar that was cut short has hidden the cursor and turned off the wrapping of lines.
  if ((signal !== null || told !== null) && process.stderr.isTTY) process.stderr.write('\u001b[?25h\u001b[?7h\n');
  if (signal === null) process.exit(code ?? FAILED);

  // Ends as the command did: whoever reads the exit status must not take a scan that was stopped for one that is done.
  const name = told ?? signal;
  for (const each of SIGNALS) process.removeAllListeners(each);
  process.exitCode = 128 + (constants.signals[name] ?? 0);
  process.kill(process.pid, name);
});

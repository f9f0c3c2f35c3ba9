#!/usr/bin/env node
// The `weighhouse` command. Runs on any Node from 20 on, and hands over to the Node that the project brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureClient } from '../scripts/generate.mjs';
import { nodeCommand, root } from '../scripts/with-node.mjs';

if (!existsSync(nodeCommand)) {
  console.error(`Weighhouse is not installed yet. Run \`npm ci\` in ${root} first.`);
  process.exit(2);
}
ensureClient();

const child = spawn(nodeCommand, [join(root, 'lib', 'cli', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_NO_WARNINGS: '1' },
});
// A terminal's Ctrl-C reaches the child by itself; this process only waits for its end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 2);
});

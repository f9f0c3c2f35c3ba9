// Runs on any Node from 20 on, with nothing installed yet: installs the dependencies when they are missing or out of
// date, and finds the Node that the project itself brings.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCommand, root } from './brought-node.mjs';

export { nodeCommand, root };

const windows = process.platform === 'win32';
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.weighhouse-lock');

/** Path of a command that a dependency brings. */
export function commandOf(name) {
  return join(bin, windows ? `${name}.cmd` : name);
}

/** Installs with `npm ci` unless what is installed already matches `package-lock.json`. Exits with one clear line on failure. */
export function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === wanted && existsSync(commandOf('node'))) return;

  console.log('Installing dependencies (npm ci); the first time takes a minute or two.');
  const npm = spawnSync(windows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    // The package has all that runs without CUDA; its install step would fetch CUDA's part from elsewhere than npm.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip', ...process.env },
  });
  if (npm.status !== 0) {
    console.error('The dependencies could not be installed. Is the npm registry reachable? Run `npm ci` to see why.');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** The environment in which every child of this script finds the project's own Node and commands first. */
export function childEnvironment(extra = {}) {
  const path = `${bin}${windows ? ';' : ':'}${process.env.PATH ?? ''}`;
  return { ...process.env, PATH: path, ...extra };
}

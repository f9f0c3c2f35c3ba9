// Runs on any Node from 20 on, with nothing installed yet: installs the dependencies when they are missing or out of
// date, and finds the Node that the project itself brings.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCommand, root } from './bundled-node.mjs';
import { findStalePackage } from './installed.mjs';
import { runStep } from './run-step.mjs';

export { nodeCommand, root };

const windows = process.platform === 'win32';
const bin = join(root, 'node_modules', '.bin');

/** Path of a command that a dependency brings. */
export function commandOf(name) {
  return join(bin, windows ? `${name}.cmd` : name);
}

/** Installs with `npm ci` unless npm has installed what `package-lock.json` asks for. Exits with one clear line on failure. */
export async function ensureInstalled() {
  const stale = findStalePackage(root) ?? (existsSync(commandOf('node')) ? null : 'its Node is missing');
  if (stale === null) return;

  const { status } = await runStep(
    `Installing dependencies with npm ci, because ${stale}`,
    windows ? 'npm.cmd' : 'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      shell: windows,
      terminal: true,
      // The package has all that runs without CUDA; its install step would fetch CUDA's part from elsewhere than npm.
      env: { ONNXRUNTIME_NODE_INSTALL: 'skip', ...process.env },
    },
  );
  if (status !== 0) {
    console.error('The dependencies could not be installed. Is the npm registry reachable? Run `npm ci` to see why.');
    process.exit(1);
  }
}

/** The environment in which every child of this script finds the project's own Node and commands first. */
export function childEnvironment(extra = {}) {
  const path = `${bin}${windows ? ';' : ':'}${process.env.PATH ?? ''}`;
  return { ...process.env, PATH: path, ...extra };
}

// Runs on any Node from 20 on, with nothing installed yet: installs the dependencies when they are missing or out of
// date, and finds the Node that the project itself brings.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const windows = process.platform === 'win32';
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.weighhouse-lock');

/** Path of a command that a dependency brings. */
export function commandOf(name) {
  return join(bin, windows ? `${name}.cmd` : name);
}

/** The Node that the project brings: the program itself, so that signals and the channel to the parent reach it. */
export const nodeCommand = findNode();

/** In a clone below it; where the project is somebody's dependency npm may have put it beside. */
function findNode() {
  const program = join('node', 'bin', windows ? 'node.exe' : 'node');
  const own = join(root, 'node_modules', program);
  const beside = join(dirname(root), program);
  return !existsSync(own) && basename(dirname(root)) === 'node_modules' && existsSync(beside) ? beside : own;
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

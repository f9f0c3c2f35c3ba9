// Where V8 keeps what it compiles of the bundle, so that it need not be compiled each time.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundled-node.mjs';

/**
 * Beside the bundle, so that it goes with it; where that belongs to somebody else, with the person who runs the program.
 * null where neither can be written to: the program then only starts more slowly.
 */
export function compileCacheFolder() {
  const beside = join(root, 'dist', 'cache');
  return prepare(beside) ?? prepare(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'weighhouse'));
}

function prepare(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return null;
  }
}

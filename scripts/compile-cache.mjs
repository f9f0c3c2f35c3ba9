// Where V8 keeps what it compiles of the bundle, so that it need not be compiled each time.
import { root } from './bundled-node.mjs';

const { accessSync, constants, mkdirSync } = process.getBuiltinModule('node:fs');
const { homedir } = process.getBuiltinModule('node:os');
const { join } = process.getBuiltinModule('node:path');

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

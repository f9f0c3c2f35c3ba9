// Whether `dist/` is made of the sources as they are now. A clone runs it only then, and its TypeScript otherwise.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundled-node.mjs';

/** Lists what the bundle was made of, each file with its size and time: reading them all would take longer than starting. */
export const STATE = join(root, 'dist', 'sources.json');

export function isBundleFresh() {
  try {
    const sources = JSON.parse(readFileSync(STATE, 'utf8'));
    return sources.every(([path, size, time]) => {
      const found = statSync(join(root, path));
      return found.size === size && found.mtimeMs === time;
    });
  } catch {
    return false;
  }
}

/** What `isBundleFresh` compares of the files at these paths, which are relative to the project. */
export function stateOf(paths) {
  return paths.map((path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    return [path, size, mtimeMs];
  });
}

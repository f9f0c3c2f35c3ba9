import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

let root: string | undefined;

/** The folder of this project's `package.json`. */
export function projectRoot(): string {
  root ??= findRoot(import.meta.dirname);
  return root;
}

/** Whether the running program is compiled: `dist/` holds JavaScript, a clone runs its TypeScript as it is. */
export function isCompiled(): boolean {
  return extname(import.meta.filename) !== '.ts';
}

/**
 * The file to start for a program of its own process or thread. `source` is its TypeScript, relative to the project;
 * compiled, it lies under the same path in `dist/`. Ask when it is wanted: a bundle of the web app has no such files.
 */
export function programFile(source: string): string {
  return isCompiled() ? join(projectRoot(), 'dist', source.replace(/\.ts$/, '.js')) : join(projectRoot(), source);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The folder of the program has no package.json.');
  return findRoot(parent);
}

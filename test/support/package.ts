import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Lays out below `folder` what `npm pack` would send as npm would, with the packages that it needs beside it. Returns the
 * file of the `weighhouse` command.
 */
export function installPackage(folder: string): string {
  const installed = join(folder, 'node_modules', 'weighhouse');
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32', stdio: 'pipe' });
  npm('run', 'build:package');
  const [pack] = JSON.parse(npm('pack', '--dry-run', '--json', '--ignore-scripts')) as [{ files: { path: string }[] }];
  for (const { path } of pack.files) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(installed, path));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== 'weighhouse')
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  return join(installed, 'bin', 'weighhouse.mjs');
}

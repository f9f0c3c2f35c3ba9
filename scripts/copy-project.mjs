// A copy of the project in a folder whose name has a space and a letter beyond ASCII, as many people's folders do.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './with-node.mjs';

/** What git ignores and the source needs all the same. */
const MADE = ['lib/db/generated'];

/**
 * Copies what git tracks or would track, with a link to the installed dependencies. Returns the folder, which is the
 * caller's to remove, or null where the project lies in no repository of git.
 */
export function copyProject() {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) return null;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'weighhouse ü '));
  try {
    const files = listed.stdout.split('\0').filter((name) => name !== '');
    for (const name of [...files, ...MADE]) {
      // Git lists a tracked file that was just removed too.
      if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

// npm runs a script through a shell, and a shell that is killed leaves what it runs behind: neither hears of the end of
// the other. So the script itself looks whether npm is still there.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const LOOK_MS = 500;

/** Does what SIGTERM does to this process when the npm that runs it is gone. Nothing where it was started otherwise. */
export function endWithNpm() {
  const script = basename(process.argv[1] ?? '');
  const byNpm = process.env.npm_lifecycle_script?.includes(script) ?? false;
  if (!byNpm || process.platform === 'win32') return;

  const parent = process.ppid;
  // Some shells let the program take their place; then the parent is npm itself.
  const npm = commandOf(parent).includes(script) ? parentOf(parent) : parent;
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(npm)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

function isAlive(/** @type {number} */ pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** The words of a process's command line; empty where it cannot be told. */
function commandOf(/** @type {number} */ pid) {
  if (process.platform !== 'linux') return ask('args', pid);
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function parentOf(/** @type {number} */ pid) {
  if (process.platform !== 'linux') return Number(ask('ppid', pid));
  // The name in brackets may hold anything; the state and the parent follow it.
  const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(parent);
}

/** What `ps` says in one column about a process; systems without /proc have it. */
function ask(/** @type {string} */ column, /** @type {number} */ pid) {
  return spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

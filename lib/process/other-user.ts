import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A user of the system that a process becomes, by numbers. */
export interface OtherUser {
  uid: number;
  gid: number;
}

/** Whom processes that read what strangers made become; or why they go on as this process's own user. */
export type SandboxUser = { user: OtherUser; reason: null } | { user: null; reason: string };

/**
 * Becomes nobody and says with which numbers. Not the user that PostgreSQL runs as: that one reads the database. Groups have
 * another name on each system.
 */
const BECOME_NOBODY = `
  const become = (set, names) => {
    for (const name of names)
      try { return set(name); } catch (error) { if (error.code !== 'ERR_UNKNOWN_CREDENTIAL') throw error; }
  };
  try {
    process.setgroups([]);
    become(process.setgid, ['nobody', 'nogroup', 65534]);
    become(process.setuid, ['nobody', 65534]);
    console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid() }));
    process.stdin.resume();
  } catch (error) {
    console.log(JSON.stringify({ reason: error.message }));
    process.exit();
  }`;

let found: Promise<SandboxUser> | undefined;

/** Under root, the user that sandboxed processes become, where the system lets them. Tried once. */
export function findSandboxUser(): Promise<SandboxUser> {
  found ??= process.getuid?.() === 0 ? tryNobody() : Promise.resolve({ user: null, reason: 'this is not root' });
  return found;
}

async function tryNobody(): Promise<SandboxUser> {
  const child = spawn(process.execPath, ['--eval', BECOME_NOBODY], { cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close').catch(() => {});
  try {
    child.stdin.on('error', () => {});
    const [line] = (await Promise.race([once(child.stdout, 'data'), text(child.stdout)])) as [Buffer];
    const answer = JSON.parse(String(line)) as OtherUser | { reason: string };
    if ('reason' in answer) return { user: null, reason: answer.reason };
    // It has to be stopped at its limits too, which takes a further right in some containers.
    if (!mayStop(child.pid)) return { user: null, reason: 'a process of another user cannot be stopped' };
    return { user: answer, reason: null };
  } catch (error) {
    return { user: null, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    child.stdin.end();
    await ended;
  }
}

function mayStop(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

import { isCompiled } from '#scanner/program-file.ts';
import type { OtherUser } from './other-user.ts';

const OPTION = /^--user=(\d+):(\d+)$/;

/** The argument that tells a program whom to become. */
export function userArgument({ uid, gid }: OtherUser): string {
  return `--user=${uid}:${gid}`;
}

/**
 * Makes this process, with all its threads, one of the user that it was told to become, for good; nothing where it was told
 * none. Call it when all is loaded and open, because that user may reach neither the program nor the data, and before
 * anything that strangers made is read. Throws where it cannot be done.
 */
export function becomeUser(): void {
  const user = toldUser();
  if (user === null) return;
  const { uid, gid } = user;
  // When the process ends it may not write there any more.
  if (isCompiled()) process.getBuiltinModule('node:module').flushCompileCache();
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  const { getuid, getgid, getgroups } = process;
  const has = [getuid?.(), getgid?.(), ...(getgroups?.() ?? [])];
  if (has.some((id, index) => id !== (index === 0 ? uid : gid)))
    throw new Error('This process kept rights of its first user.');
}

/** Whether `becomeUser` will do anything. */
export function willBecomeUser(): boolean {
  return toldUser() !== null;
}

function toldUser(): OtherUser | null {
  // Not by its place, which is another where a program has no file. What was told must never be missed.
  const told = process.argv.find((argument) => OPTION.test(argument)) ?? '';
  const [, uid, gid] = OPTION.exec(told)?.map(Number) ?? [];
  return uid === undefined || gid === undefined ? null : { uid, gid };
}

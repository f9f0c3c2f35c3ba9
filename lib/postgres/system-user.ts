import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';

const run = promisify(execFile);

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

const NAME = 'postgres';

/**
 * PostgreSQL refuses to run as root, so under root it runs as the system user `postgres`, made where there is none.
 * Null where this process is not root's. Throws AppError `unavailable` where there is no such user and none can be made.
 */
export async function findPostgresUser(): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  const found = await lookUp().catch(() => null);
  if (found !== null) return found;
  try {
    await run('groupadd', ['--force', '--system', NAME]);
    await run('useradd', ['--system', '--gid', NAME, '--no-create-home', NAME]);
    return await lookUp();
  } catch (error) {
    throw new AppError(
      'unavailable',
      `PostgreSQL refuses to run as root, and the system user ${NAME} cannot be made (${(error as Error).message.trim()}). Make that user, or run Weighhouse as an ordinary one.`,
    );
  }
}

async function lookUp(): Promise<SystemUser> {
  const idOf = async (kind: '-u' | '-g') => Number.parseInt((await run('id', [kind, NAME])).stdout, 10);
  return { name: NAME, uid: await idOf('-u'), gid: await idOf('-g') };
}

/** Whether `user` can walk to a folder, which the modes of all folders above it and the system's other rules decide. */
export async function canReach(folder: string, { uid, gid }: SystemUser): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Becomes the user that it is told, in no sandbox, and says what that one may still do to its parent and its files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { becomeUser } from '#lib/process/index.ts';

const [, , , readable = '', secret = '', folder = ''] = process.argv;
const attempts: Record<string, () => unknown> = {
  signal: () => process.kill(process.ppid, 0),
  read: () => readFileSync(secret, 'utf8'),
  write: () => writeFileSync(`${folder}/made`, ''),
  return: () => process.setuid?.(0),
};
const attempt = () =>
  Object.fromEntries(
    Object.entries(attempts).map(([name, take]) => {
      try {
        take();
        return [name, 'done'];
      } catch (error) {
        return [name, (error as NodeJS.ErrnoException).code];
      }
    }),
  );

const before = attempt();
becomeUser();
const threads = process.getBuiltinModule('node:fs').readdirSync('/proc/self/task');
const users = threads.map((id) => /^Uid:\s*(.*)$/m.exec(readFileSync(`/proc/self/task/${id}/status`, 'utf8'))?.[1]);
console.log(JSON.stringify({ before, after: attempt(), readable: readFileSync(readable, 'utf8'), users }));

/**
 * The program of a stage, which answers at its end as whom it ran instead of with its result. A module or a file that it
 * loads after it gave up its first user fails it: that user alone may reach the program.
 */
import { registerHooks, syncBuiltinESMExports } from 'node:module';

const first = process.getuid?.();
const hasChanged = () => process.getuid?.() !== first;
const fs = process.getBuiltinModule('node:fs');
const { readFileSync } = fs;
registerHooks({
  resolve(name, context, next) {
    if (hasChanged() && !name.startsWith('node:')) throw new Error(`${name} is loaded too late.`);
    return next(name, context);
  },
});
fs.readFileSync = ((path: string, ...rest: []) => {
  if (hasChanged()) throw new Error(`${path} is read too late.`);
  return readFileSync(path, ...rest);
}) as typeof readFileSync;
syncBuiltinESMExports();

process.on('exit', (code) => {
  if (code !== 0) return;
  const has = (scope: string) => process.permission?.has(scope);
  const result = {
    addon: has('addon'),
    worker: has('worker'),
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    groups: process.getgroups?.(),
  };
  fs.writeSync(1, `${JSON.stringify({ result })}\n`);
});
await import('#lib/ingest/child.ts');

import { compileCacheFolder } from './compile-cache.ts';

/**
 * Takes from a process under Node's permission model what that model leaves to it, before anything is read: a file that took
 * the process over must not end, slow down or debug another process, nor leave code in the cache of compiled code for
 * others, nor change how V8 works. In any other process it does nothing.
 */
export function confine(): void {
  if (process.permission === undefined) return;
  const cache = compileCacheFolder();
  // Only who may write to it can open it. Node itself still writes what was compiled when the process ends.
  if (cache !== null) process.permission.drop('fs.write', cache);
  keepSignalsToItself();
  keepFlags();
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
}

/** The system lets a process signal every other one of its user, and Node's permission model says nothing of that. */
function keepSignalsToItself(): void {
  // `process.kill` calls it, with the id and the number of the signal.
  const send: unknown = Reflect.get(process, '_kill');
  const { pid } = process;
  replace(process, '_kill', (target, signal) =>
    target === pid && typeof send === 'function' ? Reflect.apply(send, process, [pid, signal]) : deny(),
  );
  // Opens a debugger in another process.
  replace(process, '_debugProcess', deny);
  const os = process.getBuiltinModule('node:os');
  const { setPriority } = os;
  const { existsSync } = process.getBuiltinModule('node:fs');
  // A process may lower its own, and Linux has one for each thread.
  const isOwn = (target: unknown) =>
    target === 0 || target === pid || (Number.isInteger(target) && existsSync(`/proc/self/task/${target}`));
  replace(os, 'setPriority', (...args) => {
    const [target, priority] = args.length < 2 ? [0, ...args] : args;
    return isOwn(target) ? setPriority(Number(target), priority as number) : deny();
  });
}

/** Some flags of V8 open the memory of the process to what runs in it. These are all that the program itself changes. */
const OWN_FLAG = /^--(?:(?:no-)?expose-gc|(?:no-)?(?:turbofan|maglev)|memory-pool-timeout=\d+)$/;

function keepFlags(): void {
  const v8 = process.getBuiltinModule('node:v8');
  const { setFlagsFromString } = v8;
  replace(v8, 'setFlagsFromString', (flag) =>
    typeof flag === 'string' && OWN_FLAG.test(flag) ? setFlagsFromString(flag) : deny(),
  );
}

/** For good: what is put in its place once stays. */
function replace(object: object, name: string, value: (...args: unknown[]) => unknown): void {
  if (Object.getOwnPropertyDescriptor(object, name)?.configurable === false) return;
  Object.defineProperty(object, name, { value, writable: false, enumerable: true, configurable: false });
}

/** Throws as Node's permission model does. */
function deny(): never {
  throw Object.assign(new Error('Access to this API has been restricted.'), {
    code: 'ERR_ACCESS_DENIED',
    permission: 'Process',
  });
}

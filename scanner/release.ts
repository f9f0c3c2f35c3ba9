import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const COLLECT_AFTER = 16 * 1024 * 1024;
let released = 0;
let collect: (() => void) | undefined = globalThis.gc;
let mayCollect = false;

/**
 * Lets `release` collect garbage in this process, as `node --expose-gc` does. Asked for while it runs, because a program
 * that is started with a flag of V8 compiles all of Node's own modules anew: 15 ms, which a small file never needs.
 */
export function allowCollection(): void {
  mayCollect = true;
}

/**
 * Says that so many bytes of buffers or values are needed no more. V8 finds that out only when its own heap is full, and
 * buffers lie outside of it: a scan that unpacks part after part would hold many that are done with. Where collecting is
 * allowed, as in the scanning processes of the command line and of the service, they are given back after every 16 MiB;
 * elsewhere this does nothing.
 */
export function release(bytes: number): void {
  released += bytes;
  if (released < COLLECT_AFTER) return;
  released = 0;
  if (collect === undefined && mayCollect) collect = exposeCollection();
  collect?.();
}

/** V8's own default, to which a test holds it. */
const POOL_SECONDS = 8;

function exposeCollection(): () => void {
  // Pages that V8 has emptied would add up with what is read next.
  setFlagsFromString('--memory-pool-timeout=0');
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  // Compiled code that is cached at the end fits the flags with which it was compiled.
  process.once('exit', () => setFlagsFromString(`--memory-pool-timeout=${POOL_SECONDS}`));
  return gc;
}

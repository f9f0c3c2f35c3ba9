const COLLECT_AFTER = 16 * 1024 * 1024;
let released = 0;

/**
 * Says that so many bytes of buffers or values are needed no more. V8 finds that out only when its own heap is full, and
 * buffers lie outside of it: a scan that unpacks part after part would hold many that are done with. Where the process
 * was started with `--expose-gc`, as the scanning processes of the command line and of the service are, they are
 * given back after every 16 MiB; elsewhere this does nothing.
 */
export function release(bytes: number): void {
  released += bytes;
  if (released < COLLECT_AFTER) return;
  released = 0;
  globalThis.gc?.();
}

/** The thread that looks at the memory of its process, and interrupts it above the limit: see `startWatch`. */
import { readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const EVERY_MS = 50;
const { memory, exceeded } = workerData as { memory: number; exceeded: Int32Array };

for (;;) {
  // Waits without an event loop: nothing is ever waited for but time.
  Atomics.wait(exceeded, 0, 0, EVERY_MS);
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  if (Number(kilobytes ?? 0) * 1024 <= memory) continue;
  Atomics.store(exceeded, 0, 1);
  process.kill(process.pid, 'SIGINT');
  break;
}

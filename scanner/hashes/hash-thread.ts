/** The program of a hashing thread: see `HashThread`. */
import { parentPort, workerData } from 'node:worker_threads';
import { DigestSet } from './digest-set.ts';
import type { ThreadAnswer, ThreadMessage, ThreadSetup } from './hash-threads.ts';

const { slots, slotBytes } = workerData as ThreadSetup;
const files = new Map<number, DigestSet>();
const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);
/** What is done with one message begins when what was done with the one before has ended. */
let work = Promise.resolve();

parentPort?.on('message', (message: ThreadMessage) => {
  work = work.then(() => handle(message));
});

async function handle(message: ThreadMessage): Promise<void> {
  const { file } = message;
  if ('kinds' in message) {
    files.set(file, await DigestSet.create(message.kinds, message.size));
    answer({ file, ready: true });
  } else if ('slot' in message) {
    files.get(file)?.update(new Uint8Array(slots, message.slot * slotBytes, message.length));
    answer({ slot: message.slot });
  } else {
    const digests = files.get(file);
    files.delete(file);
    if ('end' in message && digests !== undefined) answer({ file, hashes: digests.finish() });
  }
}

/** The program of a hashing thread: see `ThreadedHasher`. */
import { parentPort, workerData } from 'node:worker_threads';
import { DigestSet } from './digest-set.ts';
import type { ThreadAnswer, ThreadMessage, ThreadSetup } from './hasher.ts';

const { kinds, size, slots, slotBytes } = workerData as ThreadSetup;
const digests = await DigestSet.create(kinds, size);
const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);

answer({ ready: true });
parentPort?.on('message', (message: ThreadMessage) => {
  if ('end' in message) {
    answer({ hashes: digests.finish() });
    return;
  }
  digests.update(new Uint8Array(slots, message.slot * slotBytes, message.length));
  answer({ slot: message.slot });
});

import type { ClipVocabulary } from './clip-vocabulary.ts';

/** Room for places in a word, next to which the merge stands in the same number. */
const PLACES = 2 ** 24;

/**
 * Joins the bytes of one word to ids: of all neighbours the pair that comes first in the list of merges, the leftmost of
 * equals, until none is left. A heap keeps a word of n bytes at n log n.
 */
export function joinBytePairs(bytes: Uint8Array, vocabulary: ClipVocabulary): number[] {
  const { byteIds, merged } = vocabulary;
  const count = bytes.length;
  const ids = Int32Array.from(bytes, (byte, place) => byteIds[byte]! + (place === count - 1 ? 256 : 0));
  const next = Int32Array.from(bytes, (_, place) => place + 1);
  const previous = Int32Array.from(bytes, (_, place) => place - 1);
  const heap: number[] = [];
  const offer = (place: number) => {
    if (place < 0 || next[place]! >= count) return;
    const id = merged(ids[place]!, ids[next[place]!]!);
    if (id !== undefined) push(heap, id * PLACES + place);
  };
  for (let place = 0; place < count - 1; place += 1) offer(place);
  for (let top = pop(heap); top !== undefined; top = pop(heap)) {
    const place = top % PLACES;
    const id = Math.floor(top / PLACES);
    const right = next[place]!;
    // What was offered may have been joined with another neighbour since.
    if (ids[place] === GONE || right >= count || merged(ids[place]!, ids[right]!) !== id) continue;
    ids[place] = id;
    ids[right] = GONE;
    next[place] = next[right]!;
    if (next[place]! < count) previous[next[place]!] = place;
    offer(place);
    offer(previous[place]!);
  }
  return Array.from(ids.filter((id) => id !== GONE));
}

const GONE = -1;

function push(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): number | undefined {
  const top = heap[0];
  const value = heap.pop();
  if (value === undefined || heap.length === 0) return top;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
  return top;
}

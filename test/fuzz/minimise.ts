/** Inputs that are tried while one is made smaller. */
const MAX_TRIES = 3000;

/**
 * The same input with as much left out as can be while `fails` holds, from halves down to single bytes. The first `fixed`
 * bytes stay.
 */
export function minimise(bytes: Uint8Array, fixed: number, fails: (bytes: Uint8Array) => boolean): Uint8Array {
  const steps = minimiseWith(bytes, fixed, MAX_TRIES);
  let step = steps.next(false);
  while (!step.done) step = steps.next(fails(step.value));
  return step.value;
}

/** The same for answers that take their time: each value is to be tried, and `next` is told whether it fails. */
export function* minimiseWith(
  bytes: Uint8Array,
  fixed: number,
  maxTries: number,
): Generator<Uint8Array, Uint8Array, boolean> {
  let smallest = bytes;
  let tries = 0;
  for (let size = Math.ceil((bytes.length - fixed) / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = fixed; at < smallest.length && tries < maxTries; ) {
      const shorter = new Uint8Array([...smallest.subarray(0, at), ...smallest.subarray(at + size)]);
      tries += 1;
      if (yield shorter) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}

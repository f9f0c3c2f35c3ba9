/** Inputs that are tried while one is made smaller. */
const MAX_TRIES = 3000;

/**
 * The same input with as much left out as can be while `fails` holds, from halves down to single bytes. The first `fixed`
 * bytes stay.
 */
export function minimise(bytes: Uint8Array, fixed: number, fails: (bytes: Uint8Array) => boolean): Uint8Array {
  let smallest = bytes;
  let tries = 0;
  for (let size = Math.ceil((bytes.length - fixed) / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = fixed; at < smallest.length && tries < MAX_TRIES; ) {
      const shorter = new Uint8Array([...smallest.subarray(0, at), ...smallest.subarray(at + size)]);
      tries += 1;
      if (fails(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}

import { mayLoadAddons } from './addons.ts';

/** A BLAKE3 that bytes are fed to in order. */
export interface Blake3 {
  update(bytes: Uint8Array): void;
  /** Once, in hexadecimal. */
  digest(): string;
}

/**
 * The authors' own program where the machine has it and native addons may be loaded (not under Node's permission model
 * without `--allow-addons`), for it is about eight times as fast; WebAssembly elsewhere.
 */
export async function createBlake3({ native = mayLoadAddons() } = {}): Promise<Blake3> {
  if (native) {
    const addon = await import('@napi-rs/blake-hash').catch(() => null);
    if (addon !== null) {
      const hasher = new addon.Blake3Hasher();
      return {
        update: (bytes) => void hasher.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
        digest: () => hasher.digest('hex'),
      };
    }
  }
  const { createBLAKE3 } = await import('hash-wasm');
  const hasher = await createBLAKE3();
  return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest('hex') };
}

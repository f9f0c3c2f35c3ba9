import type { FileHandle } from 'node:fs/promises';

/** A file in chunks of so many bytes that hold until the next is asked for; that one is read meanwhile. */
export async function* readForwards(file: FileHandle, chunkBytes: number): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)] as const;
  let turn = 0;
  let position = 0;
  const next = () => {
    turn = 1 - turn;
    return file.read(buffers[turn === 0 ? 0 : 1], 0, chunkBytes, position);
  };
  let pending = next();
  try {
    while (true) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      position += bytesRead;
      pending = next();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await pending.catch(() => undefined);
  }
}

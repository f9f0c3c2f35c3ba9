import type { ByteSource } from '#scanner/index.ts';

/** The same source, which counts the bytes that are asked of it. */
export function countReads(source: ByteSource): ByteSource & { bytesRead: number } {
  const counted = {
    size: source.size,
    bytesRead: 0,
    read(offset: number, length: number) {
      const bytes = source.read(offset, length);
      counted.bytesRead += bytes.length;
      return bytes;
    },
  };
  return counted;
}

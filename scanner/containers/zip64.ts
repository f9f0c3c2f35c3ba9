import type { Finding } from '../report/index.ts';
import type { ByteSource } from '../source.ts';

const END_RECORD_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_BYTES = 20;
const RECORD_64_BYTES = 56;

/**
 * The 64-bit end record. PyTorch and 7-Zip look where the locator points, Python right before the locator; where bytes
 * stand before the archive, only the second is there.
 */
export function findRecord64(
  source: ByteSource,
  endRecord: number,
  problems: Finding[],
): { offset: number; bytes: Uint8Array } | null {
  const locatorStart = endRecord - LOCATOR_BYTES;
  if (locatorStart < 0) return null;
  const locator = viewOf(source.read(locatorStart, LOCATOR_BYTES));
  if (locator.getUint32(0, true) !== LOCATOR_64) return null;
  const [pointed, before] = [toNumber(locator.getBigUint64(8, true)), locatorStart - RECORD_64_BYTES].map((offset) => {
    if (offset < 0 || offset > source.size - RECORD_64_BYTES) return null;
    const bytes = source.read(offset, RECORD_64_BYTES);
    return viewOf(bytes).getUint32(0, true) === END_RECORD_64 ? { offset, bytes } : null;
  });
  if (!pointed && !before) problems.push(zip64Problem('The 64-bit end record of the archive is missing.'));
  if (pointed && pointed.offset !== before?.offset)
    problems.push(
      zip64Problem('The archive points past its 64-bit end record. Different programs may use different end records.'),
    );
  return pointed ?? before ?? null;
}

export function zip64Problem(message: string): Finding {
  return { rule: 'zip/zip64-mismatch', severity: 'suspicious', message };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** 64-bit values above 2^53 are behind any file's end; they become Infinity, which no range check lets through. */
export function toNumber(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY;
}

/**
 * The records of a zip archive as PyTorch's writer lays it out (`caffe2/serialize/inline_container.cc` over miniz):
 * members stored, each one's data at a multiple of 64 bytes behind an `FB` extra field of `Z`s, sizes and checksum in a
 * descriptor after it, and always a ZIP64 end record.
 */

/** A member of the archive: its data's size in bytes and CRC-32, and where its local header begins. */
export interface StoredMember {
  name: string;
  size: number;
  crc: number;
  offset: number;
}

const ALIGNMENT = 64;
const LIMIT = 0xffff_ffff;
/** Sizes stand after the data, names are UTF-8: what PyTorch's zip writer sets on every member. */
const FLAGS = 0x0808;

/** What stands before a member's data. `offset` is where it begins, in bytes from the start of the file. */
export function localHeader(name: string, size: number, offset: number): Buffer {
  const nameBytes = Buffer.from(name);
  const wide = zip64Extra(size, size, offset);
  const padding = (ALIGNMENT - ((offset + 30 + nameBytes.length + wide.length + 4) % ALIGNMENT)) % ALIGNMENT;
  const fill = Buffer.alloc(4 + padding, 'Z');
  fill.write('FB', 'latin1');
  fill.writeUInt16LE(padding, 2);

  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(nameBytes.length, 26);
  header.writeUInt16LE(wide.length + fill.length, 28);
  return Buffer.concat([header, nameBytes, wide, fill]);
}

/** What stands behind a member's data. Sizes take eight bytes each where the local header has a ZIP64 field, four elsewhere. */
export function dataDescriptor({ size, crc, offset }: StoredMember): Buffer {
  const wide = size >= LIMIT || offset >= LIMIT;
  const bytes = Buffer.alloc(wide ? 24 : 16);
  bytes.write('PK\x07\x08', 'latin1');
  bytes.writeUInt32LE(crc, 4);
  if (wide) {
    bytes.writeBigUInt64LE(BigInt(size), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
  } else {
    bytes.writeUInt32LE(size, 8);
    bytes.writeUInt32LE(size, 12);
  }
  return bytes;
}

/** A member's entry in the directory. */
export function centralHeader({ name, size, crc, offset }: StoredMember): Buffer {
  const nameBytes = Buffer.from(name);
  const wide = zip64Extra(size, size, offset);
  const header = Buffer.alloc(46);
  header.write('PK\x01\x02', 'latin1');
  header.writeUInt16LE(FLAGS, 8);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(Math.min(size, LIMIT), 20);
  header.writeUInt32LE(Math.min(size, LIMIT), 24);
  header.writeUInt16LE(nameBytes.length, 28);
  header.writeUInt16LE(wide.length, 30);
  header.writeUInt32LE(Math.min(offset, LIMIT), 42);
  return Buffer.concat([header, nameBytes, wide]);
}

/** The ZIP64 extra field with those of the three numbers that 32 bits cannot hold; empty where all fit. */
function zip64Extra(size: number, compressedSize: number, offset: number): Buffer {
  const large = [size, compressedSize, offset].filter((value) => value >= LIMIT);
  if (large.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(4 + large.length * 8);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(large.length * 8, 2);
  for (const [index, value] of large.entries()) bytes.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return bytes;
}

/** What follows the directory of `count` members, which begins at `start` and takes `size` bytes. */
export function endRecords(count: number, start: number, size: number): Buffer {
  const wide = Buffer.alloc(56);
  wide.write('PK\x06\x06', 'latin1');
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(0x031e, 12);
  wide.writeUInt16LE(45, 14);
  wide.writeBigUInt64LE(BigInt(count), 24);
  wide.writeBigUInt64LE(BigInt(count), 32);
  wide.writeBigUInt64LE(BigInt(size), 40);
  wide.writeBigUInt64LE(BigInt(start), 48);

  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(start + size), 8);
  locator.writeUInt32LE(1, 16);

  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(Math.min(size, LIMIT), 12);
  end.writeUInt32LE(Math.min(start, LIMIT), 16);
  return Buffer.concat([wide, locator, end]);
}

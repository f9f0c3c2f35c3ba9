/** Zip and tar archives whose records say what is not so: one reader takes what another one leaves. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { Random } from '../random.ts';

export interface Member {
  name: string;
  bytes: Uint8Array;
}

const u16 = (value: number) => Buffer.of(value & 0xff, (value >> 8) & 0xff);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

/** A zip archive; each of its fields is wrong with the given chance. */
export function makeFaultyZip(members: readonly Member[], random: Random, wildness: number): Buffer {
  const isWild = () => random.chance(wildness);
  const prefix = isWild() ? Buffer.alloc(random.pick([1, 4, 20, 512]), random.below(256)) : Buffer.alloc(0);
  const wildSize = (size: number) =>
    isWild() ? random.pick([0, 1, size + 1, size - 1, 0xffffffff, 0x7fffffff, random.below(1000)]) : size;
  const all = isWild() ? [...members, random.pick(members)] : members;
  const locals: Buffer[] = [prefix];
  const centrals: Buffer[] = [];
  let at = prefix.length;
  for (const { name, bytes } of all) {
    const isDeflated = random.chance(0.2);
    const data = isDeflated ? deflateRawSync(bytes) : Buffer.from(bytes);
    const method = isDeflated ? 8 : 0;
    const hasDescriptor = random.chance(wildness / 2);
    const flags = (hasDescriptor ? 8 : 0) | (isWild() ? random.pick([1, 8, 0x20, 0x40, 0x800, 0x2000]) : 0);
    // PyTorch aligns its records with an extra field.
    const extra = random.chance(0.3)
      ? padding(random.below(60))
      : isWild()
        ? zip64(random, bytes.length, at)
        : Buffer.alloc(0);
    const localName = Buffer.from(isWild() ? otherName(name, random) : name);
    const sum = isWild() ? random.below(2 ** 32) : crc32(bytes);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      ...[20, flags, isWild() ? random.pick([0, 8, 12, 99]) : method, 0, 0].map(u16),
      ...(hasDescriptor ? [0, 0, 0] : [sum, wildSize(data.length), wildSize(bytes.length)]).map(u32),
      u16(isWild() ? random.below(40) : localName.length),
      u16(isWild() ? random.below(40) : extra.length),
      localName,
      extra,
      data,
      ...(hasDescriptor ? [Buffer.from('PK\x07\x08', 'latin1'), u32(sum), u32(data.length), u32(bytes.length)] : []),
    ]);
    const centralName = Buffer.from(isWild() ? otherName(name, random) : name);
    const centralExtra = isWild() ? zip64(random, bytes.length, at) : Buffer.alloc(0);
    const comment = isWild() ? Buffer.from('PK\x01\x02 comment', 'latin1') : Buffer.alloc(0);
    centrals.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02', 'latin1'),
        ...[20, 20, flags, isWild() ? random.pick([0, 8]) : method, 0, 0].map(u16),
        ...[sum, wildSize(data.length), wildSize(bytes.length)].map(u32),
        ...[centralName.length, centralExtra.length, comment.length, isWild() ? random.below(3) : 0, 0].map(u16),
        u32(isWild() ? random.pick([0, 0x10, 0xa1ff0000, 0x41ed0000]) : 0),
        u32(isWild() ? random.pick([0, at + 1, 0xffffffff, random.below(at + 100)]) : at),
        centralName,
        centralExtra,
        comment,
      ]),
    );
    locals.push(local);
    at += local.length;
  }
  if (isWild()) centrals.reverse();
  const directory = Buffer.concat(centrals);
  const gap = isWild() ? Buffer.alloc(random.below(30)) : Buffer.alloc(0);
  const comment = isWild() ? Buffer.concat(locals).subarray(0, 300) : Buffer.alloc(0);
  const counted = isWild() ? random.below(5) : all.length;
  const start = isWild() ? random.pick([at - prefix.length, at + 1, 0, 0xffffffff]) : at;
  return Buffer.concat([
    ...locals,
    gap,
    directory,
    ...(random.chance(0.2)
      ? [record64(all.length, directory.length, at, at + directory.length, random, wildness)]
      : []),
    Buffer.from('PK\x05\x06', 'latin1'),
    ...[0, isWild() ? 1 : 0, counted, counted].map(u16),
    u32(isWild() ? directory.length + random.below(50) : directory.length),
    u32(start),
    u16(isWild() ? random.below(400) : comment.length),
    comment,
    isWild() ? Buffer.from('behind') : Buffer.alloc(0),
  ]);
}

function padding(length: number): Buffer {
  return Buffer.concat([Buffer.from('FB', 'latin1'), u16(length), Buffer.alloc(length, 'Z')]);
}

function zip64(random: Random, size: number, at: number): Buffer {
  const numbers = Array.from({ length: 1 + random.below(3) }, () => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(random.pick([size, at, 0, 2 ** 40, 2 ** 53])));
    return bytes;
  });
  return Buffer.concat([u16(1), u16(numbers.length * 8), ...numbers]);
}

function record64(count: number, size: number, start: number, at: number, random: Random, wildness: number): Buffer {
  const wild = (value: number) => BigInt(random.chance(wildness) ? random.pick([0, value + 1, 2 ** 40]) : value);
  const record = Buffer.alloc(76);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(wild(count), 24);
  record.writeBigUInt64LE(wild(count), 32);
  record.writeBigUInt64LE(wild(size), 40);
  record.writeBigUInt64LE(wild(start), 48);
  record.write('PK\x06\x07', 56, 'latin1');
  record.writeBigUInt64LE(wild(at), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

function otherName(name: string, random: Random): string {
  return random.pick([
    name.toUpperCase(),
    `${name}\0.txt`,
    `${name}/`,
    name.replace('/', '\\'),
    name.replace('/', '//'),
    `./${name}`,
    'archive/data.pkl',
    'archive/data/0',
    'data.pkl',
    'model.pkl',
    'note.txt',
    'a/b.npy',
    '../x.pkl',
    '',
  ]);
}

// --- tar ----------------------------------------------------------------------------------------------------------

export interface TarFaults {
  /** The word that POSIX has at 257; a reader of old archives asks for none. */
  magic: string;
  type: string;
  size: string;
}

/** One header of a tar archive with a right sum, over the bytes that stand there already. */
export function writeTarHeader(
  block: Buffer,
  name: string,
  size: number,
  { magic, type }: Partial<TarFaults> = {},
): Buffer {
  const header = Buffer.from(block.subarray(0, 512));
  header.write(`${name}\0`, 0, 'latin1');
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(type ?? '0', 156, 'latin1');
  header.fill(0, 157, 257);
  if (magic !== undefined) header.write(magic, 257, 'latin1');
  return withTarSum(header);
}

/** The same header with the sum that its bytes have. */
export function withTarSum(block: Uint8Array, end = '\0'): Buffer {
  const header = Buffer.from(block);
  header.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of header.subarray(0, 512)) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}${end} `, 148, 'latin1');
  return header;
}

/** A tar archive; headers of every age, and each field wrong with the given chance. */
export function makeFaultyTar(members: readonly Member[], random: Random, wildness: number): Buffer {
  const isWild = () => random.chance(wildness);
  const parts: Buffer[] = [];
  const all = isWild() ? [...members, random.pick(members)] : members;
  for (const { name, bytes } of all) {
    const magic = random.pick(['ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0\0\0', isWild() ? 'USTAR\0' : 'ustar\x0000']);
    if (isWild()) parts.push(paxHeader(random, name, bytes.length), ...(isWild() ? [Buffer.alloc(512)] : []));
    const size = isWild() ? random.pick([0, bytes.length + 1, 512, 8 ** 11 - 1, random.below(2000)]) : bytes.length;
    const type = isWild() ? random.pick(['\0', '1', '2', '5', '7', 'L', 'x', 'g', 'S', 'A']) : '0';
    let header = writeTarHeader(Buffer.alloc(512), isWild() ? `./${name}` : name, size, { magic, type });
    if (isWild()) {
      header.writeUInt8(random.below(256), random.below(512));
      if (random.chance(0.8)) header = withTarSum(header);
    }
    // Base 256, for sizes that octal digits cannot hold.
    if (isWild()) {
      header.fill(0, 124, 136);
      header.writeUInt8(random.pick([0x80, 0xff]), 124);
      header.writeUInt32BE(random.pick([bytes.length, 2 ** 31, 0]), 132);
      header = withTarSum(header);
    }
    parts.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  if (!isWild()) parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

function paxHeader(random: Random, name: string, size: number): Buffer {
  const records = random.pick([
    `path=${name}`,
    `size=${random.pick([size, 0, size * 2, -1])}`,
    'GNU.sparse.major=1',
    'hdrcharset=BINARY',
    `linkpath=${name}`,
  ]);
  const length = records.length + 4;
  const content = `${length} ${records}\n`;
  const header = writeTarHeader(Buffer.alloc(512), 'PaxHeader', content.length, {
    magic: 'ustar\x0000',
    type: random.pick(['x', 'g']),
  });
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(512 - (content.length % 512))]);
}

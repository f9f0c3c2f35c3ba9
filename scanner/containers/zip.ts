import { crc32, inflateRawSync } from 'node:zlib';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../limits.ts';
import { BoundedFindings, type Finding } from '../report/index.ts';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedContainer } from './errors.ts';
import { checkEntry, type ZipEntry } from './zip-entry.ts';
import { NoteCollector, type ZipNote } from './zip-notes.ts';
import { findRecord64, toNumber, zip64Problem } from './zip64.ts';

export interface ZipArchive {
  entries: ZipEntry[];
  /** What is odd about the archive's structure. */
  problems: Finding[];
  /** Comments and unusual extra fields, and whether there are more than are listed. */
  notes: ZipNote[];
  hasMoreNotes: boolean;
  /**
   * The bytes of a member, inflated where needed. Throws MalformedContainer when it is over `limit` bytes, encrypted,
   * packed by an unknown method, or when its checksum does not hold.
   */
  readMember(entry: ZipEntry, limit: number): Uint8Array;
  /** Absolute offsets: where the archive begins, where its directory does, and behind its end record and comment. */
  start: number;
  directoryStart: number;
  directoryEnd: number;
  /** Where the first end record begins: the 64-bit one where there is one. */
  recordsStart: number;
  /** Absolute offset of the end record that was followed: the last one, as in Python and PyTorch. */
  endRecord: number;
  end: number;
}

const END_RECORD = 0x06054b50;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

/** An entry of the directory without its name. */
const ENTRY_BYTES = 46;
const END_BYTES = 22;
const END_MARK = Buffer.from('PK\x05\x06', 'latin1');
const MAX_COMMENT = 0xffff;
const ZIP64_EXTRA = 0x0001;
const FLAG_ENCRYPTED = 0x0001;
/** A size that stands in the 64-bit field. */
const FULL_32 = 0xffffffff;

/** Real checkpoints have some thousand members; a directory that claims more is an attempt at resource exhaustion. */
export type ZipLimits = Pick<ScanLimits, 'members' | 'directoryBytes' | 'findings'>;
/** An entry of the directory is at most so long: its header, and three fields of 64 kB. */
const MAX_ENTRY_BYTES = 46 + 3 * 0xffff;
const DIRECTORY_WINDOW = 1024 * 1024;

const MADE_ON_UNIX = 3;
/** The upper four bits of a Unix mode (`S_IFLNK`). */
const UNIX_LINK = 0xa;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** UTF-8 where it is, whatever its flag says; else one letter a byte, so that different names stay different. */
function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** What was read last of a source: what a file is, whether it is safe and its tensors are each asked of its directory. */
const archives = new WeakMap<ByteSource, { archive: ZipArchive; limits: ZipLimits }>();

/** Reads the directory of a zip archive, 64-bit ones included. Throws MalformedContainer where there is none to read. */
export function readZip(source: ByteSource, limits: ZipLimits = DEFAULT_SCAN_LIMITS): ZipArchive {
  const known = archives.get(source);
  if (known !== undefined && isSame(known.limits, limits)) return known.archive;
  const archive = readDirectory(source, limits);
  archives.set(source, { archive, limits });
  return archive;
}

function isSame(a: ZipLimits, b: ZipLimits): boolean {
  return a.members === b.members && a.directoryBytes === b.directoryBytes && a.findings === b.findings;
}

function readDirectory(source: ByteSource, limits: ZipLimits): ZipArchive {
  const directory = findDirectory(source, limits);
  if (directory.offset + directory.bytes > source.size)
    throw new MalformedContainer('The archive is truncated: its central directory is missing.');

  const problems = new BoundedFindings(limits.findings);
  for (const problem of directory.problems) problems.add(problem);
  const entries: ZipEntry[] = [];
  const notes = new NoteCollector();
  const seen = new Set<string>();
  const directoryEnd = directory.offset + directory.bytes;
  let window = new Uint8Array();
  let view = viewOf(window);
  let windowStart = directory.offset;
  let position = directory.offset;
  // Python reads on to the end of the directory, however many parts it claims.
  for (let index = 0; index < directory.entries || position < directoryEnd; index += 1) {
    if (index === directory.entries) {
      problems.add({
        rule: 'zip/count-mismatch',
        severity: 'suspicious',
        message: `The archive claims ${directory.entries} entries but lists more. Different programs may read a different number of entries.`,
      });
    }
    if (index >= limits.members) throw new ContainerLimit('The archive has more entries than the limit of a scan.');
    const wanted = Math.min(MAX_ENTRY_BYTES, directoryEnd - position);
    if (position + wanted > windowStart + window.length) {
      window = Uint8Array.from(source.read(position, Math.min(DIRECTORY_WINDOW, directoryEnd - position)));
      view = viewOf(window);
      windowStart = position;
    }
    const { entry, next, comment, extras } = readEntry(source, window, view, position - windowStart, directory.shift);
    notes.addComment(entry.name, comment);
    for (const extra of extras) notes.addExtra(entry.name, extra);
    position = windowStart + next;
    entries.push(entry);
    for (const problem of checkEntry(entry)) problems.add(problem);

    // Python's zipfile takes the last of two equal names and PyTorch the first, whatever their case.
    const folded = (entry.name.split('\0')[0] ?? '').replaceAll('\\', '/').toLowerCase();
    if (seen.has(folded)) {
      problems.add({
        rule: 'zip/duplicate-name',
        severity: 'dangerous',
        where: { member: entry.name },
        message: `The archive has two entries named ${entry.name}. Different programs may read different ones.`,
      });
    }
    seen.add(folded);
  }
  if (directory.shift > 0) {
    problems.add({
      rule: 'zip/data-before',
      severity: 'suspicious',
      where: { offset: 0 },
      message: `There are ${directory.shift} bytes before the archive begins.`,
    });
  }
  const commentStart = directory.endRecord + END_BYTES;
  notes.addComment(null, source.read(commentStart, directory.end - commentStart));
  return {
    entries,
    problems: problems.list(),
    notes: notes.notes,
    hasMoreNotes: notes.isCut,
    readMember: (entry, limit) => readMember(source, entry, limit),
    start: directory.shift,
    directoryStart: directory.offset,
    directoryEnd: directory.offset + directory.bytes,
    recordsStart: directory.recordsStart,
    endRecord: directory.endRecord,
    end: directory.end,
  };
}

interface Directory {
  offset: number;
  bytes: number;
  entries: number;
  /** Bytes that stand before the archive, which every offset in it leaves out. */
  shift: number;
  /** Where the first end record begins: the 64-bit one where there is one. */
  recordsStart: number;
  endRecord: number;
  /** Behind the end record and its comment. */
  end: number;
  problems: Finding[];
}

function findDirectory(source: ByteSource, limits: ZipLimits): Directory {
  const tailStart = Math.max(0, source.size - END_BYTES - MAX_COMMENT);
  const tail = source.read(tailStart, source.size - tailStart);
  const view = viewOf(tail);
  let at = tail.length - END_BYTES;
  while (at >= 0 && view.getUint32(at, true) !== END_RECORD) at -= 1;
  if (at < 0)
    throw new MalformedContainer(
      'The archive is truncated: its central directory is missing. Probably an incomplete download.',
    );

  let entries = view.getUint16(at + 10, true);
  let bytes = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  let directoryEnd = tailStart + at;

  const problems: Finding[] = [];
  const short = [entries, bytes, offset] as const;
  const record = findRecord64(source, directoryEnd, problems);
  if (record !== null) {
    entries = toNumber(viewOf(record.bytes).getBigUint64(32, true));
    bytes = toNumber(viewOf(record.bytes).getBigUint64(40, true));
    offset = toNumber(viewOf(record.bytes).getBigUint64(48, true));
    directoryEnd = record.offset;
    const isFull = [0xffff, 0xffffffff, 0xffffffff];
    if ([entries, bytes, offset].some((value, index) => short[index] !== isFull[index] && short[index] !== value)) {
      problems.push(zip64Problem('The two end records of the archive do not match.'));
    }
  }
  if (entries > limits.members || bytes > limits.directoryBytes) {
    const fits = entries * ENTRY_BYTES <= bytes && bytes <= source.size;
    const message = `The archive claims ${entries} entries, more than any model has.`;
    throw fits ? new ContainerLimit(message) : new MalformedContainer(message);
  }
  let shift = directoryEnd - bytes - offset;
  // Python goes by the distance to the end record, PyTorch by the offset alone.
  if (shift > 0 && bytes > 0 && !isCentralHeader(source, offset + shift) && isCentralHeader(source, offset)) shift = 0;
  if (shift < 0) throw new MalformedContainer('The archive is invalid: its central directory overlaps its end record.');
  const end = tailStart + at + END_BYTES + view.getUint16(at + 20, true);
  return {
    offset: offset + shift,
    bytes,
    entries,
    shift,
    recordsStart: directoryEnd,
    endRecord: tailStart + at,
    end,
    problems,
  };
}

/**
 * True where a program that looks for an archive from the end of a file finds one with an entry: behind any end record in
 * reach, for programs differ in which of several they follow. Five bytes of an end record alone are no archive.
 */
export function hasZipDirectory(source: ByteSource): boolean {
  const tailStart = Math.max(0, source.size - END_BYTES - MAX_COMMENT);
  const tail = Buffer.from(source.read(tailStart, source.size - tailStart));
  for (let at = tail.indexOf(END_MARK); at >= 0 && at + END_BYTES <= tail.length; at = tail.indexOf(END_MARK, at + 1)) {
    const record = tailStart + at;
    const offset = tail.readUInt32LE(at + 16);
    const record64 = findRecord64(source, record, []);
    const starts = [offset, record - tail.readUInt32LE(at + 12)];
    if (record64 !== null) {
      const view = viewOf(record64.bytes);
      starts.push(toNumber(view.getBigUint64(48, true)), record64.offset - toNumber(view.getBigUint64(40, true)));
    }
    if (starts.some((start) => start >= 0 && isCentralHeader(source, start))) return true;
  }
  return false;
}

function isCentralHeader(source: ByteSource, offset: number): boolean {
  const mark = source.read(offset, 4);
  return mark.length === 4 && viewOf(mark).getUint32(0, true) === CENTRAL_HEADER;
}

function readEntry(
  source: ByteSource,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  shift: number,
): { entry: ZipEntry; next: number; comment: Uint8Array; extras: Uint8Array[] } {
  if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL_HEADER) {
    throw new MalformedContainer('The central directory of the archive is damaged.');
  }
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > bytes.length) throw new MalformedContainer('The central directory of the archive is damaged.');

  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)] as [
    number,
    number,
    number,
  ];
  readZip64(bytes.subarray(nameEnd, extraEnd), sizes);
  const [size, compressedSize, headerOffset] = sizes;
  const centralName = bytes.subarray(at + 46, nameEnd);
  const name = decodeName(centralName);

  const header = source.read(headerOffset + shift, 30);
  const local = viewOf(header);
  if (header.length < 30 || local.getUint32(0, true) !== LOCAL_HEADER) {
    throw new MalformedContainer(`The entry ${name} is missing: its local header was not found.`);
  }
  const nameBytes = local.getUint16(26, true);
  const extraBytes = local.getUint16(28, true);
  const localName = source.read(headerOffset + shift + 30, nameBytes);
  const dataOffset = headerOffset + shift + 30 + nameBytes + extraBytes;
  if (dataOffset + compressedSize > source.size) {
    throw new MalformedContainer(`The entry ${name} is truncated. Probably an incomplete download.`);
  }
  const localSizes: [number, number, number] = [local.getUint32(22, true), local.getUint32(18, true), 0];
  const localExtra = source.read(headerOffset + shift + 30 + nameBytes, extraBytes);
  readZip64(localExtra, localSizes);
  return {
    next,
    comment: bytes.subarray(extraEnd, next),
    extras: [bytes.subarray(nameEnd, extraEnd), localExtra],
    entry: {
      name,
      // One text for both: a directory may hold a great many.
      localName: Buffer.compare(localName, centralName) === 0 ? name : decodeName(localName),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc32: view.getUint32(at + 16, true),
      compressedSize,
      size,
      dataOffset,
      headerOffset: headerOffset + shift,
      local: {
        flags: local.getUint16(6, true),
        method: local.getUint16(8, true),
        crc32: local.getUint32(14, true),
        compressedSize: localSizes[1],
        size: localSizes[0],
      },
      isSymlink: view.getUint8(at + 5) === MADE_ON_UNIX && view.getUint32(at + 38, true) >>> 28 === UNIX_LINK,
    },
  };
}

/** The 64-bit values stand in the extra field, in this order, each only where the 32-bit one is full. */
function readZip64(extra: Uint8Array, sizes: [number, number, number]): void {
  if (!sizes.includes(FULL_32)) return;
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_EXTRA) {
      let value = at + 4;
      for (const index of [0, 1, 2] as const) {
        if (sizes[index] !== FULL_32 || value + 8 > Math.min(end, extra.length)) continue;
        sizes[index] = toNumber(view.getBigUint64(value, true));
        value += 8;
      }
      return;
    }
    at = end;
  }
}

function readMember(source: ByteSource, entry: ZipEntry, limit: number): Uint8Array {
  if ((entry.flags & FLAG_ENCRYPTED) !== 0) throw new MalformedContainer(`The entry ${entry.name} is encrypted.`);
  if (entry.compressedSize > limit)
    throw new MalformedContainer(`The entry ${entry.name} is larger than ${limit} bytes.`);
  const packed = source.read(entry.dataOffset, entry.compressedSize);
  const bytes = entry.method === 0 ? packed : inflate(packed, entry, limit);
  if (crc32(bytes) !== entry.crc32) throw new MalformedContainer(`The checksum of the entry ${entry.name} is wrong.`);
  return bytes;
}

function inflate(packed: Uint8Array, entry: ZipEntry, limit: number): Uint8Array {
  if (entry.method !== 8)
    throw new MalformedContainer(`The entry ${entry.name} uses an unknown compression method (${entry.method}).`);
  try {
    // The size in the directory may lie, so what comes out is counted.
    return inflateRawSync(packed, { maxOutputLength: limit });
  } catch {
    throw new MalformedContainer(`The entry ${entry.name} cannot be extracted within ${limit} bytes.`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

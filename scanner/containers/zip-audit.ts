import { constants, crc32, inflateRawSync } from 'node:zlib';
import { DEFAULT_SCAN_LIMITS, type ScanLimits } from '../limits.ts';
import { BoundedFindings, type Finding, type RuleId } from '../report/index.ts';
import { type ByteSource, bytesSource, sliceSource } from '../source.ts';
import type { ZipArchive } from './zip.ts';
import type { ZipEntry } from './zip-entry.ts';

/** Bytes of an archive that no member of its directory takes. */
export interface ZipGap {
  where: 'before' | 'between' | 'after';
  /** Absolute offsets. */
  start: number;
  end: number;
}

export interface ZipAudit {
  problems: Finding[];
  gaps: ZipGap[];
}

const FLAG_DESCRIPTOR = 0x0008;
/** CRC and two sizes of 4 or 8 bytes, with a signature or without (APPNOTE 4.3.9). */
const DESCRIPTOR_BYTES: readonly number[] = [12, 16, 20, 24];
const FULL_32 = 0xffffffff;
const END_MARK = Buffer.from('PK\x05\x06', 'latin1');
const END_BYTES = 22;
const MAX_TAIL = 2 * 0xffff;
const MAX_ZERO_CHECK = 64 * 1024;
const ZEROS = Buffer.alloc(MAX_ZERO_CHECK);
const RATIO_FROM_BYTES = 1024 * 1024;

/** Finds end records that compete, and what lies before, between, over and behind the members. */
export function auditZip(
  source: ByteSource,
  archive: ZipArchive,
  limits: Pick<ScanLimits, 'ratio' | 'findings'> = DEFAULT_SCAN_LIMITS,
): ZipAudit {
  const problems = new BoundedFindings(limits.findings);
  const gaps: ZipGap[] = [];
  const inOrder = [...archive.entries].sort((a, b) => a.headerOffset - b.headerOffset);
  let position = archive.start;
  let previous: ZipEntry | undefined;
  for (const entry of inOrder) {
    checkExpansion(entry, limits.ratio, problems);
    if (entry.headerOffset < position) {
      problems.add(problem('zip/overlap', 'malformed', entry, `The entry ${entry.name} overlaps another entry.`));
    } else addGap(source, gaps, position, entry.headerOffset, previous);
    position = Math.max(position, entry.dataOffset + entry.compressedSize);
    previous = entry;
  }
  addGap(source, gaps, position, archive.directoryStart, previous);
  if (position > archive.directoryStart) {
    problems.add({
      rule: 'zip/overlap',
      severity: 'malformed',
      message: 'The entries of the archive overlap its central directory.',
    });
  }
  if (archive.recordsStart > archive.directoryEnd)
    gaps.push({ where: 'between', start: archive.directoryEnd, end: archive.recordsStart });
  if (archive.start > 0) gaps.push({ where: 'before', start: 0, end: archive.start });
  if (archive.end < source.size) gaps.push({ where: 'after', start: archive.end, end: source.size });
  for (const problem of checkEnds(source, archive)) problems.add(problem);
  for (const gap of gaps) {
    if (isArchive(source, gap)) {
      problems.add({
        rule: 'zip/second-archive',
        severity: 'suspicious',
        where: { offset: gap.start },
        message: `There is a second archive ${GAP_PLACES[gap.where]}. Different programs may read different archives.`,
      });
    }
    if (gap.where === 'before') continue;
    problems.add({
      rule: gap.where === 'after' ? 'zip/data-after' : 'zip/data-between',
      severity: 'suspicious',
      where: { offset: gap.start },
      message: `There are ${gap.end - gap.start} bytes ${gap.where === 'after' ? 'after the archive' : 'between the entries of the archive'} that belong to no entry.`,
    });
  }
  return { problems: problems.list(), gaps };
}

const GAP_PLACES: Readonly<Record<ZipGap['where'], string>> = {
  before: 'before the archive',
  between: 'between the entries of the archive',
  after: 'after the archive',
};

function isArchive(source: ByteSource, { start, end }: ZipGap): boolean {
  return Buffer.from(source.read(start, Math.min(4, end - start))).toString('latin1') === 'PK\x03\x04';
}

/** Programs that look for the end record from the front, or that check its comment, follow another one than the last. */
function checkEnds(source: ByteSource, archive: ZipArchive): Finding[] {
  const problems: Finding[] = [];
  const start = Math.max(archive.directoryStart, archive.endRecord - MAX_TAIL);
  const tail = Buffer.from(source.read(start, archive.endRecord - start));
  const at = tail.indexOf(END_MARK);
  if (at >= 0) {
    const offset = start + at;
    const comment = at + END_BYTES <= tail.length ? tail.readUInt16LE(at + 20) : 0;
    const holdsLast = offset + END_BYTES + comment >= archive.end && offset + END_BYTES <= archive.endRecord;
    problems.push({
      rule: holdsLast ? 'zip/end-in-comment' : 'zip/several-ends',
      severity: 'suspicious',
      where: { offset },
      message: holdsLast
        ? 'The end record of the archive is in the comment of another end record. Different programs may use different end records.'
        : 'The archive has more than one end record. Different programs may use different end records.',
    });
  }
  if (archive.end > source.size) {
    problems.push({
      rule: 'zip/unreadable',
      severity: 'malformed',
      message: 'The archive is truncated within its comment. Probably an incomplete download: download it again.',
    });
  }
  return problems;
}

function addGap(source: ByteSource, gaps: ZipGap[], start: number, end: number, previous: ZipEntry | undefined): void {
  const length = end - start;
  if (length <= 0) return;
  const described = previous !== undefined && ((previous.flags | previous.local.flags) & FLAG_DESCRIPTOR) !== 0;
  if (described && DESCRIPTOR_BYTES.includes(length)) return;
  // Writers that align members fill up with zeros.
  if (length <= MAX_ZERO_CHECK && Buffer.compare(source.read(start, length), ZEROS.subarray(0, length)) === 0) return;
  gaps.push({ where: 'between', start, end });
}

function checkExpansion(entry: ZipEntry, ratio: number, problems: BoundedFindings): void {
  if (entry.size > RATIO_FROM_BYTES && entry.size > ratio * entry.compressedSize) {
    problems.add(
      problem(
        'zip/expansion',
        'suspicious',
        entry,
        `The entry ${entry.name} extracts to ${Math.round(entry.size / Math.max(1, entry.compressedSize))} times its size.`,
      ),
    );
  }
}

/** A member's bytes as far as they can be had, whatever its headers claim. */
export interface MemberView {
  source: ByteSource;
  problems: Finding[];
  /** False where not all of it could be looked at. */
  whole: boolean;
}

/** Bytes of packed data that are unpacked to see what a member is. */
const PEEK_BYTES = 32 * 1024;
/** Fewer, for data that swells beyond what is worth a look: they cannot become more than a megabyte. */
const SHORT_PEEK_BYTES = 1024;
const PEEKED_BYTES = 4 * 1024 * 1024;
/** Room behind the end, by which zlib sees that nothing more comes. */
const SPARE = 64;
/** Deflate cannot pack better than this (RFC 1951: 258 bytes in two bits). */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Opens a member for inspection. Where headers lie about packing, size or encryption, the bytes themselves decide: the
 * programs that load models do not all believe the headers either. At most `limit` bytes are unpacked.
 */
export function viewMember(source: ByteSource, entry: ZipEntry, limit: number): MemberView {
  const problems: Finding[] = [];
  const longest = Math.max(
    entry.compressedSize,
    entry.local.compressedSize === FULL_32 ? 0 : entry.local.compressedSize,
  );
  const packed = sliceSource(source, entry.dataOffset, Math.max(0, Math.min(longest, source.size - entry.dataOffset)));
  if (entry.method !== 8 && entry.local.method !== 8) return { source: packed, problems, whole: true };

  const peeked = Math.min(limit, PEEKED_BYTES);
  const long = inflatePart(packed.read(0, PEEK_BYTES), peeked);
  const head = long === 'too-large' ? inflatePart(packed.read(0, SHORT_PEEK_BYTES), peeked) : long;
  if (packed.size <= PEEK_BYTES && head === 'broken') {
    problems.push(problem('zip/unreadable', 'malformed', entry, `The entry ${entry.name} cannot be extracted.`));
    return { source: packed, problems, whole: false };
  }
  if (packed.size > limit || entry.size > limit) {
    return { source: bytesSource(typeof head === 'string' ? new Uint8Array() : head), problems, whole: false };
  }
  try {
    // In one piece where it is as long as it says: pieces that are put together take the memory twice.
    const expected = Math.min(entry.size, packed.size * MAX_DEFLATE_RATIO, limit);
    const data = inflateRawSync(packed.read(0, packed.size), { maxOutputLength: limit, chunkSize: expected + SPARE });
    if (data.length !== entry.size) {
      problems.push(
        problem(
          'zip/size-mismatch',
          'suspicious',
          entry,
          `The entry ${entry.name} has ${data.length} bytes, but the archive claims ${entry.size}.`,
        ),
      );
    }
    if (crc32(data) !== entry.crc32) problems.push(wrongChecksum(entry));
    return { source: bytesSource(data), problems, whole: true };
  } catch (error) {
    const over = error instanceof RangeError;
    problems.push(
      over
        ? problem('zip/expansion', 'suspicious', entry, `The entry ${entry.name} extracts to more than ${limit} bytes.`)
        : problem('zip/unreadable', 'malformed', entry, `The entry ${entry.name} cannot be extracted.`),
    );
    return { source: bytesSource(typeof head === 'string' ? new Uint8Array() : head), problems, whole: false };
  }
}

/** Bytes that are summed at once. */
const CHECKSUM_WINDOW = 1024 * 1024;

/** Reads a stored member's checksum where it is small enough to be loaded as more than numbers. */
export function checkStoredChecksum(source: ByteSource, entry: ZipEntry, limit: number): Finding | null {
  if (entry.method !== 0 || entry.compressedSize > limit) return null;
  let sum = 0;
  for (let at = 0; at < entry.compressedSize; at += CHECKSUM_WINDOW) {
    const length = Math.min(CHECKSUM_WINDOW, entry.compressedSize - at);
    sum = crc32(source.read(entry.dataOffset + at, length), sum);
  }
  return sum === entry.crc32 ? null : wrongChecksum(entry);
}

function wrongChecksum(entry: ZipEntry): Finding {
  return problem(
    'zip/checksum',
    'suspicious',
    entry,
    `The checksum of the entry ${entry.name} is wrong: the entry was modified or is damaged.`,
  );
}

function inflatePart(packed: Uint8Array, limit: number): Uint8Array | 'broken' | 'too-large' {
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: limit });
  } catch (error) {
    return error instanceof RangeError ? 'too-large' : 'broken';
  }
}

function problem(rule: RuleId, severity: Finding['severity'], entry: ZipEntry, message: string): Finding {
  return { rule, severity, where: { member: entry.name }, message };
}

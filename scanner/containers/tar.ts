import { DEFAULT_SCAN_LIMITS } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedContainer } from './errors.ts';
import { isTarHeader, parseTarHeader, TAR_BLOCK, type TarHeader, toBlocks } from './tar-header.ts';
import { type PaxRecords, readPaxRecords } from './tar-pax.ts';

export interface TarMember {
  name: string;
  /** Absolute offset of the data, and its length in bytes. */
  start: number;
  size: number;
  /** True for files; false for folders, links and devices. */
  isFile: boolean;
  /** True where the data is kept in pieces, with a list of where each belongs. */
  isSparse: boolean;
}

export interface TarListing {
  members: TarMember[];
  /** Offset behind the last member. */
  end: number;
  /** What is wrong with the archive, in one sentence; null where nothing is. What stands before the damage is listed. */
  damage: string | null;
}

const INVALID = 'The archive is damaged: one of its headers is invalid.';
const TRUNCATED = 'The archive is truncated. Probably an incomplete download.';
/** Programs that are told to ignore empty blocks look for the first header behind them. */
const MAX_LEADING_ZEROS = 64 * 1024;
/** Far more than a name and some numbers take. */
const MAX_EXTENDED_BYTES = 1024 * 1024;
const MAX_SPARSE_BLOCKS = 10_000;
/** Types that CPython's `tarfile` knows and that have no data; it takes whatever it does not know for a file. */
const WITHOUT_DATA: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6']);

/**
 * Offset of the first header of a tar archive, as programs find it: by its checksum. Null where there is none. The word
 * `ustar` is not needed: archives of the first format (Unix V7) have none.
 */
export function findTarStart(source: ByteSource): number | null {
  for (let at = 0; at < MAX_LEADING_ZEROS; at += TAR_BLOCK) {
    const block = source.read(at, TAR_BLOCK);
    if (isTarHeader(block)) return at;
    if (block.length < TAR_BLOCK || !isZero(block)) return null;
  }
  return null;
}

/**
 * Lists the members as CPython's `tarfile` does: V7, ustar, GNU and pax headers, up to the first empty block. Throws
 * ContainerLimit where there are too many.
 */
export function listTar(source: ByteSource, maxMembers = DEFAULT_SCAN_LIMITS.members): TarListing {
  const members: TarMember[] = [];
  const start = findTarStart(source);
  if (start === null) return { members, end: 0, damage: source.size === 0 ? null : INVALID };
  let shared: PaxRecords = {};
  let own: PaxRecords | null = null;
  let longName: string | null = null;
  let at = start;
  while (at + TAR_BLOCK <= source.size) {
    const block = source.read(at, TAR_BLOCK);
    if (isZero(block)) return { members, end: at, damage: own === null && longName === null ? null : INVALID };
    const header = parseTarHeader(block);
    if (header === null || header.size < 0) return { members, end: at, damage: INVALID };
    const dataStart = at + TAR_BLOCK;
    if ('LKxgX'.includes(header.type)) {
      const bytes = source.read(dataStart, Math.min(header.size, MAX_EXTENDED_BYTES));
      if (header.size > MAX_EXTENDED_BYTES) throw new ContainerLimit('A name in the archive is longer than any has.');
      if (header.type === 'L') longName = untilZero(bytes);
      else if (header.type === 'g') shared = { ...shared, ...readPaxRecords(bytes) };
      else if (header.type !== 'K') own = { ...shared, ...(own ?? {}), ...readPaxRecords(bytes) };
      at = dataStart + toBlocks(header.size);
      continue;
    }
    const member = placeMember(source, header, dataStart, own ?? shared);
    if (longName !== null) member.name = longName;
    const packed = own?.size === undefined ? header.size : own.size;
    const end = member.start + (hasData(header) ? toBlocks(packed) : 0);
    const isCut = member.isFile && member.start + member.size > source.size;
    if (isCut) member.size = Math.max(0, source.size - member.start);
    members.push(member);
    if (members.length > maxMembers) throw new ContainerLimit('The archive has more entries than the limit of a scan.');
    if (isCut || !Number.isSafeInteger(end)) return { members, end: source.size, damage: TRUNCATED };
    [own, longName, at] = [null, null, end];
  }
  return { members, end: Math.min(at, source.size), damage: null };
}

/** The members of an archive without a fault. Throws MalformedContainer for any other. */
export function readTar(source: ByteSource, maxMembers = DEFAULT_SCAN_LIMITS.members): TarMember[] {
  const { members, damage } = listTar(source, maxMembers);
  if (damage !== null) throw new MalformedContainer(damage);
  return members;
}

function placeMember(source: ByteSource, header: TarHeader, dataStart: number, pax: PaxRecords): TarMember {
  const isFile = hasData(header);
  const member = { name: pax.path ?? header.name, start: dataStart, isFile, isSparse: false };
  let start = dataStart;
  if (header.type === 'S') {
    // Further lists of pieces stand before the data.
    let more = header.hasMorePieces;
    for (let count = 0; more && count < MAX_SPARSE_BLOCKS; count += 1) {
      more = (source.read(start, TAR_BLOCK)[504] ?? 0) !== 0;
      start += TAR_BLOCK;
    }
  }
  const size = isFile ? (pax.size ?? header.size) : 0;
  return { ...member, start, size, isSparse: header.type === 'S' || pax.isSparse === true };
}

/** A file of V7 whose name ends in a slash is a folder. */
function hasData({ type, name }: TarHeader): boolean {
  return !WITHOUT_DATA.has(type) && !(type === '\0' && name.endsWith('/'));
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

function untilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}

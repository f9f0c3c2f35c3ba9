import { constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { isSystemError } from '../errors.ts';
import { release } from '../release.ts';
import type { ByteSource } from '../source.ts';
import { looksLikeLz4, unpackLz4 } from './lz4.ts';
import {
  type OnUnpacked,
  type SevenZipKind,
  type UnpackFailure,
  type UnpackLimits,
  unpackWithSevenZip,
} from './seven-zip.ts';

/** How a file is packed as a whole. 7z and RAR hold members; the others hold one stream of bytes. */
export type Packing = SevenZipKind | 'gzip' | 'zlib' | 'zstd' | 'lz4' | 'rar';

/** What became of one packed stream. The bytes are there as far as they could be unpacked. */
export interface Unpacked {
  bytes: Uint8Array;
  failure: UnpackFailure | null;
}

const MARKS: readonly (readonly [mark: string, packing: Packing])[] = [
  ['7z\xbc\xaf\x27\x1c', '7z'],
  ['Rar!\x1a\x07', 'rar'],
  ['\xfd7zXZ\0', 'xz'],
  ['BZh', 'bzip2'],
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
];
/** `-T0` and Python write any size; 7-Zip and xz know these. */
const LZMA_PROPERTIES = 225;
const LZMA_HEADER = 13;
/** The largest window that zstd may ask for: 2^26 bytes are 64 MiB. */
const ZSTD_WINDOW_LOG = 26;
/** Halvings that find the break in a stream: one more than the bits of its size. */
const MAX_HALVINGS = 30;
/** Parts with zeros between them: real files have one. */
const MAX_GZIP_PARTS = 1000;

/** How these bytes are packed, by their mark. Null where they are not. zlib and raw LZMA have no mark but a likely shape. */
export function packingOf(head: Uint8Array): Packing | null {
  const text = Buffer.from(head.subarray(0, 8)).toString('latin1');
  const marked = MARKS.find(([mark]) => text.startsWith(mark));
  if (marked !== undefined) return marked[1];
  // A frame that is to be passed over may stand first (RFC 8878, 3.1.2).
  if (text.slice(1, 4) === '*M\x18' && text[0] !== undefined && text[0] >= 'P' && text[0] <= '_') return 'zstd';
  if (looksLikeLz4(head)) return 'lz4';
  if (looksLikeLzma(head)) return 'lzma';
  return looksLikeZlib(head) ? 'zlib' : null;
}

/** Unpacks a stream that holds no members, up to `limit` bytes. What came before a break is kept. */
export function unpackStream(source: ByteSource, limit: number, deadline = Number.POSITIVE_INFINITY): Unpacked {
  const packing = packingOf(source.read(0, 16));
  const cut = source.size > limit;
  const read = () => source.read(0, Math.min(source.size, limit));
  const orCut = ({ bytes, failure }: Unpacked): Unpacked => ({ bytes, failure: cut ? 'too-large' : failure });
  switch (packing) {
    case 'gzip':
      return orCut(unpackPartially(read(), limit, deadline, unpackGzip));
    case 'zlib':
      return orCut(unpackPartially(read(), limit, deadline, unpackZlib));
    case 'zstd':
      return orCut(unpackPartially(read(), limit, deadline, unpackZstd));
    case 'lz4':
      return orCut(unpackLz4(read(), limit));
    case 'xz':
    case 'bzip2':
    case 'lzma': {
      let unpacked: Uint8Array = new Uint8Array();
      const limits = { memberBytes: limit, totalBytes: limit, deadline };
      const [failure = null] = unpackWithSevenZip(source, packing, limits, (_, bytes) => {
        if (bytes.length > 0) unpacked = bytes;
      });
      return { bytes: unpacked, failure };
    }
    default:
      return { bytes: new Uint8Array(), failure: 'unsupported' };
  }
}

/**
 * True where the first zlib or gzip stream is the whole file, as joblib writes it: what joblib unpacks with
 * (`compressor.py`) takes the bytes behind the end of a stream again and again, until the memory is full.
 */
export function isOneStream(source: ByteSource, limit: number): boolean {
  const packed = source.read(0, Math.min(source.size, limit));
  const packing = packingOf(packed.subarray(0, 16));
  if (packing !== 'zlib' && packing !== 'gzip') return true;
  const start = packing === 'zlib' ? 2 : gzipDataStart(packed);
  const checkBytes = packing === 'zlib' ? 4 : 8;
  try {
    release(inflateRawSync(packed.subarray(start, -checkBytes - 1), { maxOutputLength: Math.max(1, limit) }).length);
    return false;
  } catch (error) {
    // It ends with the last byte, without which it is cut.
    return isSystemError(error, 'Z_BUF_ERROR');
  }
}

/** Where the data of a gzip file begins, behind its header (RFC 1952). */
function gzipDataStart(packed: Uint8Array): number {
  const [, , , flags = 0] = packed;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (packed[at] ?? 0) + 256 * (packed[at + 1] ?? 0);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = packed.indexOf(0, at);
    at = end < 0 ? packed.length : end + 1;
  }
  return (flags & 2) === 0 ? at : at + 2;
}

/** Unpacks the members of a 7z archive; see `unpackWithSevenZip`. */
export function unpackMembers(source: ByteSource, limits: UnpackLimits, onMember: OnUnpacked): UnpackFailure[] {
  return unpackWithSevenZip(source, '7z', limits, onMember);
}

/** Inflates deflated bytes without a frame, as a zip holds them, as far as they go. */
export function inflatePartially(packed: Uint8Array, limit: number): Unpacked {
  return unpackPartially(packed, limit, Number.POSITIVE_INFINITY, unpackDeflate);
}

/** True where the first two bytes are those of a zlib stream (RFC 1950), which has no mark but a check sum over them. */
export function looksLikeZlib(head: Uint8Array): boolean {
  const [first = 0, second = 0] = head;
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (first * 256 + second) % 31 === 0 && head.length > 6;
}

/** The header of `.lzma` (LZMA SDK): properties, size of the dictionary, size of the data; its stream begins with a zero. */
function looksLikeLzma(head: Uint8Array): boolean {
  if (head.length <= LZMA_HEADER || (head[0] ?? 255) >= LZMA_PROPERTIES || head[LZMA_HEADER] !== 0) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const isUsual = (dictionary & (dictionary - 1)) === 0 || isOneAndAHalf(dictionary) || dictionary === 0xffffffff;
  return dictionary >= 4096 && isUsual && (size === 0xffff_ffff_ffff_ffffn || (size > 0n && size < 1n << 38n));
}

function isOneAndAHalf(value: number): boolean {
  const third = value / 3;
  return Number.isInteger(third) && (third & (third - 1)) === 0;
}

/** What a broken stream held before the break still counts, so an early end is no error to these. */
const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH };
const PARTIAL_ZSTD = {
  finishFlush: constants.ZSTD_e_flush,
  params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
};
const STRICT_ZSTD = { params: PARTIAL_ZSTD.params };

type Unpack = (bytes: Uint8Array, limit: number, isPatient: boolean) => Uint8Array;

/** Members may stand behind one another, with zeros between them (CPython `Lib/gzip.py`); zlib goes on without zeros alone. */
const unpackGzip: Unpack = (bytes, limit, isPatient) => {
  const parts: Uint8Array[] = [];
  let left = limit;
  for (let at = 0; at === 0 || isGzip(bytes, at); ) {
    if (left === 0 || parts.length >= MAX_GZIP_PARTS) throw new RangeError('There is more than may be unpacked.');
    const { bytes: part, end } = readInfo(gunzipSync, bytes.subarray(at), left, isPatient ? PARTIAL : {});
    parts.push(part);
    left -= part.length;
    at += end;
    while (bytes[at] === 0) at += 1;
    if (!isPatient && at < bytes.length && !isGzip(bytes, at)) throw new TrailingBytes();
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
};
const unpackZlib: Unpack = (bytes, limit, isPatient) => unpackOne(inflateSync, bytes, limit, isPatient, PARTIAL, {});
const unpackDeflate: Unpack = (bytes, limit, isPatient) =>
  inflateRawSync(bytes, { maxOutputLength: limit, ...(isPatient ? PARTIAL : {}) });
const unpackZstd: Unpack = (bytes, limit, isPatient) =>
  unpackOne(zstdDecompressSync, bytes, limit, isPatient, PARTIAL_ZSTD, STRICT_ZSTD);

/** Bytes stand behind the end of the stream. */
class TrailingBytes extends Error {}

function unpackOne(
  unpack: Decoder,
  bytes: Uint8Array,
  limit: number,
  isPatient: boolean,
  patient: object,
  strict: object,
): Uint8Array {
  const { bytes: unpacked, end } = readInfo(unpack, bytes, limit, isPatient ? patient : strict);
  if (!isPatient && end < bytes.length) throw new TrailingBytes();
  return unpacked;
}

type Decoder = (bytes: Uint8Array, options: object) => unknown;

/** What a decoder makes of the bytes, and how many of them it took. */
function readInfo(
  unpack: Decoder,
  bytes: Uint8Array,
  limit: number,
  options: object,
): { bytes: Uint8Array; end: number } {
  const { buffer, engine } = unpack(bytes, { ...options, maxOutputLength: limit, info: true }) as {
    buffer: Uint8Array;
    engine: { bytesWritten: number };
  };
  return { bytes: buffer, end: engine.bytesWritten };
}

function isGzip(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b;
}

/**
 * The answer for all the bytes, or, where that is an error, for the longest beginning that unpacks. Node's decoders hand
 * out nothing at all when they meet an error, and more of the input can only make for more output or the same error.
 */
function unpackPartially(packed: Uint8Array, limit: number, deadline: number, unpack: Unpack): Unpacked {
  const attempt = (length: number, isPatient: boolean): Uint8Array | Error => {
    try {
      return unpack(packed.subarray(0, length), Math.max(1, limit), isPatient);
    } catch (error) {
      // What it had unpacked until then; it can be as much as it may.
      release(limit);
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  const all = attempt(packed.length, false);
  if (!(all instanceof Error)) return { bytes: all, failure: null };
  const failure = all instanceof RangeError ? 'too-large' : needsMemory(all) ? 'too-much-memory' : 'broken';
  const cut = attempt(packed.length, true);
  if (!(cut instanceof Error)) return { bytes: cut, failure };
  let good = 0;
  let bad = packed.length;
  let bytes: Uint8Array = new Uint8Array();
  for (let halving = 0; bad - good > 1 && halving < MAX_HALVINGS; halving += 1) {
    if (Date.now() > deadline) return { bytes, failure: 'out-of-time' };
    const middle = good + Math.floor((bad - good) / 2);
    const some = attempt(middle, true);
    if (some instanceof Error) bad = middle;
    else {
      good = middle;
      release(bytes.length);
      bytes = some;
    }
  }
  return { bytes, failure };
}

function needsMemory(error: Error): boolean {
  return isSystemError(error, 'ZSTD_error_frameParameter_windowTooLarge');
}

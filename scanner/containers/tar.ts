import { DEFAULT_SCAN_LIMITS } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ContainerLimit, MalformedContainer } from './errors.ts';

export interface TarMember {
  name: string;
  /** Absolute offset of the data, and its length in bytes. */
  start: number;
  size: number;
  /** True for files; false for folders, links and devices. */
  isFile: boolean;
}

const BLOCK = 512;

/** Lists the members of a tar archive (POSIX ustar, with GNU's binary sizes). Throws MalformedContainer where it is cut off. */
export function readTar(source: ByteSource, maxMembers = DEFAULT_SCAN_LIMITS.members): TarMember[] {
  const members: TarMember[] = [];
  let at = 0;
  while (at + BLOCK <= source.size) {
    const header = source.read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return members;
    const size = readSize(header.subarray(124, 136));
    if (size === null || !isChecksumValid(header)) {
      throw new MalformedContainer('The archive is damaged: one of its headers is invalid.');
    }
    const start = at + BLOCK;
    if (start + size > source.size)
      throw new MalformedContainer('The archive is truncated. Probably an incomplete download.');
    const type = String.fromCharCode(header[156] ?? 0);
    const prefix = text(header.subarray(345, 500));
    const name = text(header.subarray(0, 100));
    members.push({
      name: prefix === '' ? name : `${prefix}/${name}`,
      start,
      size,
      isFile: type === '0' || type === '\0',
    });
    if (members.length > maxMembers) throw new ContainerLimit('The archive has more entries than the limit of a scan.');
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}

function readSize(field: Uint8Array): number | null {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = text(field).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : null;
}

function isChecksumValid(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return Number.parseInt(text(header.subarray(148, 156)).trim() || '0', 8) === sum;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1');
}

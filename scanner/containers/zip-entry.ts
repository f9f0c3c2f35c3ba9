import type { Finding, RuleId, Severity } from '../report/index.ts';

/** One member, as the central directory has it (PKWARE APPNOTE 4.3.12), its data located by the local header. */
export interface ZipEntry {
  name: string;
  /** The name in the local header; some readers believe this one. */
  localName: string;
  /** 0 is stored, 8 is deflated. */
  method: number;
  flags: number;
  crc32: number;
  compressedSize: number;
  size: number;
  /** Absolute offset of the first byte of the data. */
  dataOffset: number;
  /** Absolute offset of the local header. */
  headerOffset: number;
  /** What the local header says; torch and streaming writers leave its sizes 0. */
  local: { flags: number; method: number; crc32: number; compressedSize: number; size: number };
  /** True where it is a link to another file (a Unix mode in the external attributes). */
  isSymlink: boolean;
}

const FLAG_ENCRYPTED = 0x0001;
const FLAG_DESCRIPTOR = 0x0008;
/** Encryption, how hard deflate tried, a descriptor behind the data, and a name in UTF-8 (APPNOTE 4.4.4). */
const USUAL_FLAGS = 0x080f;
const FULL_32 = 0xffffffff;

/** What is odd about one member by its two headers: names, flags, packing, sizes, check sums, and whether they agree. */
export function checkEntry(entry: ZipEntry): Finding[] {
  const problems: Finding[] = [];
  const report = (rule: RuleId, severity: Severity, message: string) =>
    problems.push({ rule, severity, where: { member: entry.name }, message });
  const { name, local } = entry;
  if (entry.localName !== name) {
    report(
      'zip/name-mismatch',
      'dangerous',
      `An entry has the name ${name} in the central directory and ${entry.localName} in its local header. Different programs may use different names.`,
    );
  }
  if (/(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[a-z]:|\\/i.test(name)) {
    report(
      'zip/unsafe-name',
      'suspicious',
      `The entry ${JSON.stringify(name)} would be extracted outside its folder (path traversal).`,
    );
  }
  if (name.includes('\0')) {
    report(
      'zip/nul-in-name',
      'suspicious',
      `The name ${JSON.stringify(name)} contains a NUL character. Some programs end the name there and read another name.`,
    );
  }
  if (entry.isSymlink) {
    report('zip/symlink', 'suspicious', `The entry ${name} is a symbolic link, not a file.`);
  }
  checkPacking(entry, report);

  if (local.method !== entry.method) {
    report(
      'zip/method-mismatch',
      'suspicious',
      `The archive states two different compression methods for the entry ${name}.`,
    );
  }
  if (((local.flags ^ entry.flags) & ~FLAG_DESCRIPTOR & ~0x0006) !== 0) {
    report('zip/flag-mismatch', 'suspicious', `The archive states two different sets of flags for the entry ${name}.`);
  }
  if (((local.flags | entry.flags) & ~USUAL_FLAGS) !== 0) {
    report('zip/odd-flag', 'suspicious', `The entry ${name} has an unusual flag. Some programs reject it.`);
  }
  // Writers that do not know them yet leave the values of the local header empty, and set a flag.
  const isOpen = (local.flags & FLAG_DESCRIPTOR) !== 0;
  const differs = (here: number, there: number) => here !== there && here !== FULL_32 && !(isOpen && here === 0);
  if (differs(local.compressedSize, entry.compressedSize) || differs(local.size, entry.size)) {
    report(
      'zip/size-mismatch',
      'suspicious',
      `The archive states two different sizes for the entry ${name}. Different programs may read different data.`,
    );
  }
  if (local.crc32 !== entry.crc32 && !(isOpen && local.crc32 === 0)) {
    report('zip/checksum-mismatch', 'suspicious', `The archive states two different checksums for the entry ${name}.`);
  }
  return problems;
}

function checkPacking(entry: ZipEntry, report: (rule: RuleId, severity: Severity, message: string) => void): void {
  const { name } = entry;
  if ((entry.flags & FLAG_ENCRYPTED) !== 0) {
    report('zip/encrypted', 'suspicious', `The entry ${name} is marked as encrypted and cannot be scanned.`);
  } else if (entry.method !== 0 && entry.method !== 8) {
    report(
      'zip/unknown-method',
      'suspicious',
      `The entry ${name} uses a compression method that cannot be scanned (${entry.method}).`,
    );
  } else if (entry.method === 0 && entry.size !== entry.compressedSize) {
    report('zip/size-mismatch', 'suspicious', `The archive states two different sizes for the entry ${name}.`);
  }
}

import {
  isOneStream,
  type Packing,
  packingOf,
  type UnpackFailure,
  unpackMembers,
  unpackStream,
} from '../containers/index.ts';
import type { RuleId, Severity, Where } from '../report/index.ts';
import { type ByteSource, bytesSource } from '../source.ts';
import { type InspectInner, type Inspection, joinMember } from './inspection.ts';
import { reportFrameworks } from './members.ts';

/**
 * Members of a 7z archive and streams that 7-Zip unpacks stand in memory next to it, so fewer bytes of each are kept.
 */
const WITH_SEVEN_ZIP_LIMIT = 16 * 1024 * 1024;
/** Bytes that 7-Zip itself takes for a dictionary of the usual sizes. */
const SEVEN_ZIP = 32 * 1024 * 1024;
const IN_SEVEN_ZIP: readonly Packing[] = ['7z', 'xz', 'bzip2', 'lzma'];

/** joblib `compressor.py`. */
const BY_JOBLIB: readonly Packing[] = ['zlib', 'gzip', 'bzip2', 'lzma', 'xz', 'lz4'];

const FAILURES: Readonly<Record<UnpackFailure, readonly [rule: RuleId, severity: Severity, message: string]>> = {
  broken: [
    'container/malformed',
    'malformed',
    'The compressed file is damaged or truncated. The part before the damage was scanned. Probably an incomplete download: download it again.',
  ],
  'too-large': [
    'container/too-large',
    'incomplete',
    'The compressed file is too large to extract and scan. Extract it and scan the contents.',
  ],
  'too-much-memory': [
    'container/too-large',
    'incomplete',
    'Extracting the compressed file needs more memory than the limit of a scan. Extract it and scan the contents.',
  ],
  'too-many-members': [
    'container/too-large',
    'incomplete',
    'The archive has more entries than any model. The remaining entries were not scanned.',
  ],
  encrypted: [
    'container/encrypted',
    'incomplete',
    'The archive is encrypted and cannot be scanned without its password.',
  ],
  'out-of-time': ['container/time', 'incomplete', 'The scan took too long. The rest was not scanned.'],
  unsupported: [
    'container/out-of-scope',
    'incomplete',
    'An entry uses an unsupported compression method. Extract it and scan the contents.',
  ],
};

/** A file that is packed as a whole: unpacks it, inspects what is inside, and says that no model comes this way. */
export function inspectPacked(source: ByteSource, where: Where, inspection: Inspection, inner: InspectInner): void {
  const packing = packingOf(source.read(0, 16));
  if (packing === 'rar' || packing === null) {
    inspection.report(
      'container/out-of-scope',
      'incomplete',
      'RAR archives are not supported. Extract it and scan the contents.',
      where,
    );
    return;
  }
  if (IN_SEVEN_ZIP.includes(packing) && !inspection.startUnpacker()) {
    inspection.report(
      'container/too-large',
      'incomplete',
      `More than ${inspection.limits.unpackers} entries are compressed separately. The remaining entries were not scanned.`,
      where,
    );
    return;
  }
  const limit = IN_SEVEN_ZIP.includes(packing)
    ? Math.min(inspection.unpackLimit, WITH_SEVEN_ZIP_LIMIT)
    : inspection.unpackLimit;
  const { arrays } = inspection;
  const names: string[] = [];
  const take = (name: string, bytes: Uint8Array, whole: boolean) => {
    names.push(name);
    inspection.countUnpacked(bytes.length);
    const inspect = () => inner(bytesSource(bytes), joinMember(where.member, name), name);
    const unpackerBytes = IN_SEVEN_ZIP.includes(packing) ? SEVEN_ZIP : 0;
    inspection.whileHolding(
      bytes.length,
      () => (whole ? inspect() : inspection.inspectBeginning(inspect)),
      unpackerBytes,
    );
  };
  if (packing === '7z') {
    const limits = { memberBytes: limit, totalBytes: inspection.bytesLeft, deadline: inspection.deadline };
    for (const failure of unpackMembers(source, limits, take)) report(failure, where, inspection);
    reportFrameworks(names, where.member, inspection);
  } else {
    const { bytes, failure } = unpackStream(source, limit, inspection.deadline);
    take('(unpacked)', bytes, failure === null);
    if (failure !== null) report(failure, where, inspection);
  }
  // joblib packs its own files, and unpacks them when it loads them.
  if (inspection.arrays > arrays && BY_JOBLIB.includes(packing)) {
    if (isOneStream(source, limit)) return;
    inspection.report(
      'container/packed',
      'suspicious',
      `More bytes follow the compressed data (${packing}). joblib never writes them, and fills the memory when it reads them.`,
      where,
    );
    return;
  }
  inspection.report(
    'container/packed',
    'suspicious',
    `The whole file is compressed (${packing}), which is unusual for a model file.`,
    where,
  );
}

function report(failure: UnpackFailure, where: Where, inspection: Inspection): void {
  const [rule, severity, message] = FAILURES[failure];
  inspection.report(rule, severity, message, where);
}

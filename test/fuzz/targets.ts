import {
  auditZip,
  MalformedContainer,
  readNumpyHeader,
  readSafetensorsHeader,
  readTar,
  readZip,
  viewMember,
} from '../../scanner/containers/index.ts';
import { bytesSource, type ScanReport, scan } from '../../scanner/index.ts';
import { analysePickle } from '../../scanner/pickle/index.ts';

/** What is asked of a reader: it ends, and what it throws is its own. */
export type Target = (bytes: Uint8Array) => void;

/** Small enough that a fuzzer meets them, large enough that real files do not. */
const MILLISECONDS = 10_000;
const MEMBER_BYTES = 8 * 1024 * 1024;

/** Scans as `weighhouse scan` does, with little time and memory. */
export function scanBytes(bytes: Uint8Array): ScanReport {
  return scan(bytesSource(bytes), { limits: { milliseconds: MILLISECONDS, memberBytes: MEMBER_BYTES } });
}

function refusing(read: Target): Target {
  return (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof MalformedContainer) || !/^[A-Z].*\.$/s.test(error.message)) throw error;
    }
  };
}

export const TARGETS: Readonly<Record<string, Target>> = {
  scan: (bytes) => {
    const { verdict, findings } = scanBytes(bytes);
    const reported = JSON.stringify(findings);
    if (
      verdict === 'clean' &&
      /"(?:malformed|dangerous|incomplete|suspicious)"/.test(reported.replaceAll(/"message":"[^"]*"/g, ''))
    )
      throw new Error('A finding does not count.');
  },
  pickle: (bytes) => {
    analysePickle(bytes, { limits: { milliseconds: MILLISECONDS } });
  },
  zip: refusing((bytes) => {
    const source = bytesSource(bytes);
    const archive = readZip(source);
    auditZip(source, archive);
    for (const entry of archive.entries.slice(0, 50)) viewMember(source, entry, MEMBER_BYTES);
  }),
  tar: refusing((bytes) => void readTar(bytesSource(bytes))),
  safetensors: refusing((bytes) => void readSafetensorsHeader(bytesSource(bytes))),
  numpy: refusing((bytes) => void readNumpyHeader(bytesSource(bytes))),
};

/** What runs a program when it is loaded is never clean; where the loader runs it before all else, it is dangerous. */
export function checkCalling(bytes: Uint8Array, isBare: boolean): void {
  const { verdict } = scanBytes(bytes);
  if (verdict === 'clean' || (isBare && verdict !== 'dangerous'))
    throw new Error(`A file that runs a program is ${verdict}.`);
}

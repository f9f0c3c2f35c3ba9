import { MalformedContainer, type Packing, packingOf } from '#scanner/containers/index.ts';
import { formatExplanation } from '#scanner/explain/index.ts';
import { identify } from '#scanner/identify/index.ts';
import {
  bytesSource,
  explain,
  PolicyError,
  parsePolicy,
  reportSarif,
  type ScanOptions,
  type ScanReport,
  scan,
  type Verdict,
} from '#scanner/index.ts';
import { analysePickle, type TensorRecord } from '#scanner/pickle/index.ts';
import { DTYPE_BYTES, MalformedTensors, readTensorTable, type Tensor } from '#scanner/tensors/index.ts';
import { corpusFiles } from '../fixtures/corpus.ts';
import { GGUF } from '../fixtures/gguf.ts';
import { JOBLIB } from '../fixtures/joblib.ts';
import { EVIL2, latin1 } from '../fixtures/pickles.ts';
import { isSarif } from '../support/sarif-schema.ts';
import * as containers from './container-targets.ts';

/** What is asked of a reader: that it ends, throws no error but its own, and that what it answers is possible. */
export interface Target {
  /** Throws where the answer is wrong. Answers the verdict where there is one. */
  run(bytes: Uint8Array): Verdict | undefined;
  /** What its inputs are made of; the corpus unless given. */
  seeds?: readonly Uint8Array[];
}

/** Small enough that a fuzzer meets them, large enough that real files do not. */
export const MILLISECONDS = 10_000;
const MEMBER_BYTES = 8 * 1024 * 1024;
const LIMITS = { milliseconds: MILLISECONDS, memberBytes: MEMBER_BYTES };

/** Scans as `weighhouse scan` does, with little time and memory. */
export function scanBytes(bytes: Uint8Array, options: ScanOptions = {}): ScanReport {
  return scan(bytesSource(bytes), { ...options, limits: LIMITS });
}

export const TARGETS: Readonly<Record<string, Target>> = {
  scan: { run: checkScan },
  pickle: { run: checkPickle },
  zip: { run: refusing(containers.checkZip) },
  tar: { run: refusing(containers.checkTar) },
  safetensors: { run: refusing(containers.checkSafetensors) },
  gguf: {
    run: refusing(containers.checkGguf),
    seeds: GGUF.map(([, content]) => (typeof content === 'string' ? latin1(content) : content)),
  },
  legacy: { run: refusing(containers.checkLegacy) },
  numpy: { run: refusing(containers.checkNumpy) },
  compressed: { run: refusing(containers.checkCompressed) },
  '7z': { run: refusing(containers.checkSevenZip), seeds: packed('7z') },
  xz: { run: refusing(containers.checkCompressed), seeds: packed('xz', 'bzip2', 'lzma') },
  lz4: { run: refusing(containers.checkCompressed), seeds: packed('lz4') },
  joblib: {
    run: refusing(containers.checkJoblib),
    seeds: JOBLIB.map(([, content]) => (typeof content === 'string' ? latin1(content) : content)),
  },
  tensors: { run: refusing(checkTensors) },
  policy: {
    run: checkPolicy,
    seeds: [
      '{}',
      '{"allow": ["my_pkg.MyClass", "posixpath.join"], "deny": ["torch.nn.*", "b.c"]}',
      '{"limits": {"milliseconds": 5, "memberBytes": 4096, "pickle": {"opcodes": 10, "stack": 5}}}',
      '{"allow": ["builtins.getattr"], "limits": {"depth": 1}, "__proto__": {"allow": ["os.system"]}}',
    ].map(latin1),
  },
  explain: { run: checkExplanation },
};

function packed(...kinds: readonly Packing[]): Uint8Array[] {
  return corpusFiles().flatMap(({ bytes }) => (kinds.some((kind) => packingOf(bytes) === kind) ? [bytes] : []));
}

/** A file's own faults are told in one sentence; anything else that is thrown is ours. */
function refusing(read: (bytes: Uint8Array) => void): Target['run'] {
  return (bytes) => {
    try {
      read(bytes);
    } catch (error) {
      const isOwn = error instanceof MalformedContainer || error instanceof MalformedTensors;
      if (!isOwn || !/^[A-Z].*\.$/s.test(error.message)) throw error;
    }
    return undefined;
  };
}

function checkScan(bytes: Uint8Array): Verdict {
  const report = scanBytes(bytes);
  const { verdict, findings } = report;
  if (verdict === 'clean' && findings.some(({ severity }) => severity !== 'note'))
    throw new Error('A finding does not count.');
  if (verdict !== 'clean' && !findings.some(({ severity }) => severity === verdict))
    throw new Error('A verdict has no finding.');
  if (JSON.stringify(scanBytes(bytes)) !== JSON.stringify(report))
    throw new Error('A second scan says something else.');
  return verdict;
}

function checkPickle(bytes: Uint8Array): undefined {
  const { findings, pickles, end } = analysePickle(bytes, { limits: { milliseconds: MILLISECONDS } });
  if (end > bytes.length || pickles.some((pickle) => pickle.end > end))
    throw new Error('A pickle lies outside of the bytes.');
  if (findings.some(({ where }) => (where?.offset ?? 0) > bytes.length)) throw new Error('A finding lies outside.');
}

/** Every element of every tensor lies in the file, and both readers of a clean file see the same tensors. */
function checkTensors(bytes: Uint8Array): void {
  const table = readTensorTable(bytesSource(bytes));
  for (const { name, dtype, shape, storage } of table.tensors) {
    const last = shape.reduce((index, size, axis) => index + (size - 1) * (storage.stride[axis] ?? 0), storage.offset);
    const end = storage.start + (shape.includes(0) ? 0 : (last + 1) * DTYPE_BYTES[dtype]);
    if (!Number.isSafeInteger(end) || storage.start < 0 || end > bytes.length)
      throw new Error(`The tensor ${JSON.stringify(name)} reaches beyond the file.`);
  }
  identify(table);
  const records: TensorRecord[] = [];
  const { verdict, container } = scanBytes(bytes, { onPickle: ({ tensors }) => records.push(...tensors) });
  if (verdict !== 'clean' || container === 'safetensors' || container === 'gguf') return;
  const viewOf = ({ shape, stride }: { shape: readonly number[]; stride: readonly number[] }) => `${shape} ${stride}`;
  const known = new Set(records.map((record) => `${viewOf(record)} ${record.offset}`));
  const isKnown = ({ shape, storage }: Tensor) =>
    known.has(`${viewOf({ shape, stride: storage.stride })} ${storage.offset}`);
  if (!table.tensors.every(isKnown)) throw new Error('A clean file has a tensor that the scanner did not see.');
}

/** A policy is read or refused in words, and none makes a file clean that runs a program. */
function checkPolicy(bytes: Uint8Array): Verdict | undefined {
  try {
    const policy = parsePolicy(Buffer.from(bytes).toString('utf8'));
    const { verdict } = scan(bytesSource(latin1(EVIL2)), { policy });
    if (verdict === 'clean' || verdict === 'suspicious')
      throw new Error(`A policy makes a file that runs a program ${verdict}.`);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
  }
  return undefined;
}

/** What a terminal or an editor would take for an order, or for another direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

function checkExplanation(bytes: Uint8Array): undefined {
  const explanation = explain(bytesSource(bytes), { limits: LIMITS });
  const text = formatExplanation('a.ckpt', explanation);
  const shown = UNPRINTABLE.exec(text.replaceAll('\t', ' '));
  if (shown !== null) throw new Error(`A control character is shown: ${JSON.stringify(shown[0])}.`);
  const sarif = reportSarif([{ path: 'a.ckpt', report: explanation.report }], '1.0.0', '/');
  if (!isSarif(JSON.parse(JSON.stringify(sarif)))) throw new Error('The report is no SARIF.');
}

/** What runs a program when it is loaded is never clean; where the loader runs it before all else, it is dangerous. */
export function checkCalling(bytes: Uint8Array, isBare: boolean): Verdict {
  const { verdict } = scanBytes(bytes);
  if (verdict === 'clean' || (isBare && verdict !== 'dangerous'))
    throw new Error(`A file that runs a program is ${verdict}.`);
  return verdict;
}

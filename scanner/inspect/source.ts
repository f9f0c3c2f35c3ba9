import { hasZipEnd, readNumpyHeader, sniffContainer } from '../containers/index.ts';
import { appearanceOf } from '../members/index.ts';
import { analysePickle, type PickleAnalysis } from '../pickle/index.ts';
import type { ContainerKind, GlobalClass, RuleId, Where } from '../report/index.ts';
import { type ByteSource, sliceSource } from '../source.ts';
import { reportForeignCode } from './foreign-code.ts';
import { inspectGguf } from './gguf.ts';
import type { InspectInner, Inspection } from './inspection.ts';
import { judgeMember } from './members.ts';
import { inspectPacked } from './packed.ts';
import { inspectPickle } from './pickle.ts';
import { FORMAT_OF, inspectOtherReadings, inspectPickleReading } from './readings.ts';
import { inspectSafetensors } from './safetensors.ts';
import { inspectAsPickle } from './second-reading.ts';
import { inspectTar } from './tar.ts';
import { inspectTorchLegacy } from './torch.ts';
import { inspectZip } from './zip.ts';

/** What a person calls the formats that are recognised and no more. */
const FOREIGN = {
  ggml: 'a GGML model of an old version',
  keras: 'a Keras HDF5 file',
  onnx: 'an ONNX model',
  tensorflow: 'a TensorFlow SavedModel',
  tflite: 'a TensorFlow Lite model',
  coreml: 'a Core ML model',
  openvino: 'an OpenVINO model',
  tensorrt: 'a TensorRT engine',
  paddle: 'a PaddlePaddle model',
  executorch: 'an ExecuTorch program',
  'torch-mobile': 'a TorchScript program for mobile devices',
} as const;

/** The rule for what breaks a format, where it has one of its own. */
const MALFORMED: Partial<Record<ContainerKind, RuleId>> = {
  safetensors: 'safetensors/malformed',
  gguf: 'gguf/malformed',
};

const UNKNOWN_READ = 1024 * 1024;
/** What is read as a pickle in any case. */
const PICKLES: readonly ContainerKind[] = ['pickle', 'torch-legacy', 'unknown'];

/**
 * Inspects one file or member by its content, and all that lies inside it. An archive may hold more than models: what
 * its entries are is judged by `judgeMember`. At depth 0 the file itself must be a model.
 */
export function inspectSource(
  source: ByteSource,
  member: string | undefined,
  depth: number,
  inspection: Inspection,
): ContainerKind {
  const kind = sniffContainer(source);
  const where: Where = member === undefined ? {} : { member };
  const inner: InspectInner = (bytes, place, name) => {
    const found = inspectSource(bytes, place, depth + 1, inspection);
    if (name !== undefined) judgeMember(bytes, found, { member: place, name }, inspection);
  };
  if (depth > inspection.limits.depth) {
    if (kind !== 'unknown')
      inspection.report('container/too-deep', 'incomplete', 'The archives are nested too deeply.', where);
    return kind;
  }
  const [mark, protocol = 0xff] = source.read(0, 2);
  // What a tar archive says of itself stands behind the first name: a pickle may stand before it, in full.
  if (kind === 'torch-tar' && mark === 0x80 && protocol <= 5)
    inspection.asReading('pickle', () => inspectPickle(source, where, inspection));
  else if (!PICKLES.includes(kind)) inspectPickleReading(source, where, inspection);
  const found = inspection.asReading(FORMAT_OF[kind], () =>
    inspectWhole(kind, source, where, depth, inspection, inner),
  );
  inspectOtherReadings(found, { source, where, inspection, inner });
  return found;
}

/** The reading that the bytes are known by. What is wrong with their structure is reported. */
function inspectWhole(
  kind: ContainerKind,
  source: ByteSource,
  where: Where,
  depth: number,
  inspection: Inspection,
  inner: InspectInner,
): ContainerKind {
  try {
    return inspectKind(kind, source, where, depth, inspection, inner);
  } catch (error) {
    inspection.reportFault(error, where, MALFORMED[kind] ?? 'container/malformed');
    return kind;
  }
}

function inspectKind(
  kind: ContainerKind,
  source: ByteSource,
  where: Where,
  depth: number,
  inspection: Inspection,
  inner: InspectInner,
): ContainerKind {
  const { member } = where;
  switch (kind) {
    case 'torch-zip':
    case 'zip':
      inspectZip(source, member, inspection, inner);
      return kind;
    case 'torch-legacy':
      inspectTorchLegacy(source, where, inspection);
      return kind;
    case 'pickle':
      return inspectPlainPickle(source, where, depth, inspection, inner);
    case 'safetensors':
      inspectSafetensors(source, inspection);
      return kind;
    case 'numpy':
      inspectNumpy(source, where, inspection);
      return kind;
    case 'torch-tar':
      inspectTar(source, where, inspection, inner);
      return kind;
    case 'compressed':
      inspectPacked(source, where, inspection, inner);
      return kind;
    case 'gguf':
      inspectGguf(source, where, inspection);
      return kind;
    case 'ggml':
    case 'keras':
    case 'onnx':
    case 'tensorflow':
    case 'tflite':
    case 'coreml':
    case 'openvino':
    case 'tensorrt':
    case 'paddle':
    case 'executorch':
    case 'torch-mobile':
      reportForeignCode(kind, source, where, inspection);
      inspection.report(
        'container/out-of-scope',
        'incomplete',
        `The file is ${FOREIGN[kind]}. This format is not supported: only PyTorch, safetensors and GGUF files are scanned.`,
        where,
      );
      return kind;
    case 'unknown':
      return inspectUnmarked(source, where, depth, inspection, inner);
  }
}

function inspectPlainPickle(
  source: ByteSource,
  where: Where,
  depth: number,
  inspection: Inspection,
  inner: InspectInner,
): ContainerKind {
  if (source.read(0, 1)[0] !== 0x80) return inspectUnmarked(source, where, depth, inspection, inner);
  const analysis = inspectPickle(source, where, inspection, { readsArrays: true });
  if (analysis !== null) inspectBehindArray(source, where, analysis, inspection);
  if (analysis !== null && depth === 0) inspection.addTensors(analysis.tensors.length);
  return 'pickle';
}

/**
 * Bytes without any mark: a pickle of protocol 0, whole or broken off, or something else altogether. Any short text may
 * read as a few instructions, so only one that names something, or that makes sense to its end, is taken for a pickle.
 */
function inspectUnmarked(
  source: ByteSource,
  where: Where,
  depth: number,
  inspection: Inspection,
  inner: InspectInner,
): ContainerKind {
  const limits = inspection.pickleLimits;
  const analysis = analysePickle(source.read(0, inspection.limits.pickleBytes), { where, limits, readsArrays: true });
  const isSound =
    analysis.complete && !analysis.findings.some(({ rule }) => rule === 'pickle/broken' || rule === 'pickle/trailing');
  if (isSound || hasPickleEvidence(analysis)) {
    inspection.addPickle(analysis);
    inspectBehindArray(source, where, analysis, inspection);
    if (depth === 0) inspection.addTensors(analysis.tensors.length);
    if (source.size > inspection.limits.pickleBytes) {
      inspection.report('container/too-large', 'incomplete', 'The file is too large to be read to its end.', where);
    }
    return 'pickle';
  }
  // What stands before an archive may read as a few instructions: a single '.' does.
  if (hasZipEnd(source)) {
    inspectZip(source, where.member, inspection, inner);
    return 'zip';
  }
  if (depth > 0) return 'unknown';
  const { what: looks } = appearanceOf(source);
  inspection.report(
    'container/not-a-model',
    'malformed',
    looks === null ? 'The file is not a model: unknown format.' : `The file is not a model: it is ${looks}.`,
    where,
  );
  return 'unknown';
}

/**
 * To every loader but joblib, what stands in an array is opcodes like those before it. Where it is a pickle with a memo
 * of its own, they mean something else to it, and an honest file names nonsense: only a name that is dangerous counts.
 */
function inspectBehindArray(
  source: ByteSource,
  where: Where,
  { arrays }: PickleAnalysis,
  inspection: Inspection,
): void {
  const [first] = arrays;
  if (first === undefined) return;
  const rules = arrays.some(({ holdsObjects }) => holdsObjects) ? { rules: /^pickle\/global-dangerous$/ } : {};
  inspectAsPickle(source, where, inspection, { from: first.start, ...rules });
}

/** True where the bytes name a Python object or do something else that no accident does. */
function hasPickleEvidence(analysis: PickleAnalysis): boolean {
  if ([...analysis.globals].some(([name, use]) => isDottedName(name) || isInModule(name, use))) return true;
  return analysis.findings.some(
    ({ rule }) =>
      rule === 'pickle/extension' ||
      rule === 'pickle/loose-import' ||
      (analysis.complete && rule === 'pickle/persistent-id'),
  );
}

function inspectNumpy(source: ByteSource, where: Where, inspection: Inspection): void {
  const { dataStart, dataEnd } = readNumpyHeader(source);
  const data = sliceSource(source, dataStart, source.size - dataStart);
  const place = { ...where, offset: dataStart };
  if (dataEnd === null) {
    inspectPickle(data, place, inspection);
    return;
  }
  if (dataEnd < source.size)
    inspection.report(
      'numpy/trailing',
      'suspicious',
      `There are ${source.size - dataEnd} unused bytes after the array data.`,
      { ...where, offset: dataEnd },
    );
  const head = data.read(0, UNKNOWN_READ);
  if (head[0] !== 0x80) return;
  const analysis = analysePickle(head, { where: place, limits: inspection.pickleLimits, count: 1, ignoreRest: true });
  if (analysis.complete && [...analysis.globals.keys()].some(isDottedName))
    inspection.addPickle(analysis, 'suspicious');
}

/** Whatever is asked of a dangerous module, the module itself is brought in first. */
function isInModule(name: string, use: { class: GlobalClass }): boolean {
  return use.class === 'dangerous' && /^[A-Za-z_]\w*(?:\.\w+)*\.\S/.test(name);
}

function isDottedName(name: string): boolean {
  return /^[A-Za-z_]\w*(?:\.\w+)+$/.test(name);
}

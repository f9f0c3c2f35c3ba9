import { ContainerLimit, MalformedContainer, packingOf, sniffContainer, unpackStream } from '../containers/index.ts';
import { loadersOf } from '../loaders/index.ts';
import { type ContainerKind, FORMAT_NAMES, type Format, LOADER_NAMES, type Where } from '../report/index.ts';
import { type ByteSource, bytesSource, sliceSource } from '../source.ts';
import { type InspectInner, type Inspection, joinMember } from './inspection.ts';
import { inspectPacked } from './packed.ts';
import { inspectSafetensors } from './safetensors.ts';
import { inspectAsPickle } from './second-reading.ts';
import { inspectTar } from './tar.ts';
import { beginsTorchLegacy, inspectTorchLegacy } from './torch.ts';
import { inspectZip } from './zip.ts';

/** How the first loader that comes to mind reads a file of each kind. */
export const FORMAT_OF: Readonly<Record<ContainerKind, Format>> = {
  'torch-zip': 'zip',
  zip: 'zip',
  'torch-tar': 'tar',
  'torch-legacy': 'pickle',
  pickle: 'pickle',
  safetensors: 'safetensors',
  numpy: 'numpy',
  compressed: 'compressed',
  keras: 'hdf5',
  gguf: 'gguf',
  ggml: 'other',
  onnx: 'other',
  tensorflow: 'other',
  tflite: 'other',
  coreml: 'other',
  openvino: 'other',
  tensorrt: 'other',
  paddle: 'other',
  executorch: 'other',
  'torch-mobile': 'other',
  unknown: 'other',
};

interface Place {
  source: ByteSource;
  where: Where;
  inspection: Inspection;
  inner: InspectInner;
}

/** Judges bytes as one format. False where its loaders would take nothing from them. */
type Judge = (place: Place) => boolean;

/**
 * How each reading is judged where it is not the one that the bytes are known by. Those of a format whose mark is at the
 * first byte are: a file has one such mark.
 */
const JUDGES: Readonly<Record<Format, Judge | null>> = {
  zip: ({ source, where, inspection, inner }) => {
    inspectZip(source, where.member, inspection, inner);
    return true;
  },
  tar: ({ source, where, inspection, inner }) => {
    inspectTar(source, where, inspection, inner);
    return true;
  },
  safetensors: ({ source, inspection }) => isSafetensors(source, inspection),
  compressed: judgePacked,
  hdf5: ({ where, inspection }) => {
    inspection.report('container/out-of-scope', 'incomplete', HDF5, where);
    return true;
  },
  // Every file is read as one before, by what its first opcodes do.
  pickle: null,
  numpy: null,
  gguf: null,
  other: null,
};

const HDF5 = 'The file contains a Keras HDF5 file behind its beginning. This format is not supported.';
/** Bytes that show whether a stream without a mark is one. */
const PEEK_BYTES = 64 * 1024;
/** Random bytes unpack to a few before the first error. */
const MIN_UNPACKED = 1024;

/** Judges what programs other than those for `kind` would read. A file that is of two formats is never clean. */
export function inspectOtherReadings(kind: ContainerKind, place: Place): void {
  const { source, where, inspection } = place;
  for (const [format, judge] of Object.entries(JUDGES) as [Format, Judge | null][]) {
    if (judge === null || format === FORMAT_OF[kind]) continue;
    const loaders = loadersOf(source, format);
    if (loaders.length === 0) continue;
    const isReading = inspection.asReading(format, () => {
      try {
        return judge(place);
      } catch (error) {
        inspection.reportFault(error, where);
        return true;
      }
    });
    if (!isReading || kind === 'unknown') continue;
    const names = loaders.map((loader) => LOADER_NAMES[loader]).join(', ');
    inspection.report(
      'container/two-formats',
      'suspicious',
      `The file has two formats at once: it is also ${FORMAT_NAMES[format]}. This is what these programs read: ${names}.`,
      where,
    );
  }
}

/** The pickle that bytes of another format may be as well. */
export function inspectPickleReading(source: ByteSource, where: Where, inspection: Inspection): void {
  inspection.asReading('pickle', () => {
    const isWhole = inspectAsPickle(source, where, inspection);
    // torch.load goes on with four more where the first is its number, however that is written.
    if (isWhole && beginsTorchLegacy(source, inspection)) inspectTorchLegacy(source, where, inspection);
    return isWhole;
  });
}

function isSafetensors(source: ByteSource, inspection: Inspection): boolean {
  try {
    inspectSafetensors(source, inspection);
    return true;
  } catch (error) {
    if (error instanceof MalformedContainer && !(error instanceof ContainerLimit)) return false;
    throw error;
  }
}

/** zlib and raw LZMA have no mark: what begins like one is a reading where something comes out of it. */
function judgePacked({ source, where, inspection, inner }: Place): boolean {
  const packing = packingOf(source.read(0, 16));
  if (packing === 'zlib' || packing === 'lzma') {
    const { bytes, failure } = unpackStream(sliceSource(source, 0, PEEK_BYTES), PEEK_BYTES, inspection.deadline);
    const isStream = bytes.length >= MIN_UNPACKED || sniffContainer(bytesSource(bytes)) !== 'unknown';
    if (failure !== null && !isStream) {
      inspection.inspectBeginning(() => inner(bytesSource(bytes), joinMember(where.member, '(unpacked)')));
      return false;
    }
  }
  inspectPacked(source, where, inspection, inner);
  return true;
}

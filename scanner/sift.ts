import { sniffContainer } from './containers/index.ts';
import { loadersOf } from './loaders/index.ts';
import { appearanceOf, type FileKind, findConstructors, hasTextEnd, isCodeName, isYamlName } from './members/index.ts';
import { isModelName, modelEnding } from './model-files.ts';
import { analysePickle, bringsInNames } from './pickle/index.ts';
import type { Format, ScanReport } from './report/index.ts';
import type { ByteSource } from './source.ts';

/** Whatever a loader of models other than of pickles takes. */
const FORMATS: readonly Format[] = ['zip', 'tar', 'safetensors', 'compressed', 'hdf5', 'numpy'];
const HEAD_BYTES = 64 * 1024;
/** Bytes. Longer texts are data, and not searched for what they would have a program call. */
const MAX_CONFIGURATION = 1024 * 1024;

/**
 * What a file is that no program would load as a model, neither by its name nor by its content: null where one might, and
 * the file has to be scanned. Reads some kilobytes at its beginning and its end.
 */
export function siftFile(source: ByteSource, name: string): FileKind | null {
  if (isModelName(name)) return null;
  if (sniffContainer(source) !== 'unknown') return null;
  if (FORMATS.some((format) => loadersOf(source, format).length > 0)) return null;
  if (mayBePickle(source)) return null;
  const kind = kindOf(source, name);
  return kind === 'unknown' && modelEnding(name) !== null ? null : kind;
}

/** The same of a file that was scanned for its content alone, and is no model after all. */
export function siftScanned(source: ByteSource, name: string, report: ScanReport): FileKind | null {
  const isNone =
    report.container === 'unknown' && report.findings.every(({ rule }) => rule === 'container/not-a-model');
  if (!isNone || isModelName(name)) return null;
  const kind = kindOf(source, name);
  return kind === 'unknown' && modelEnding(name) !== null ? null : kind;
}

function kindOf(source: ByteSource, name: string): FileKind {
  const { kind } = appearanceOf(source);
  if (kind !== 'text') return kind;
  if (!hasTextEnd(source)) return 'unknown';
  if (isCodeName(name)) return 'script';
  const isSmall = source.size <= MAX_CONFIGURATION;
  return isSmall && findConstructors(source, isYamlName(name)).found.length > 0 ? 'configuration' : 'text';
}

/** True where the beginning reads as instructions up to its STOP, or as far as it was read, or brings in a name. */
function mayBePickle(source: ByteSource): boolean {
  if (source.size < 2) return false;
  const head = source.read(0, HEAD_BYTES);
  const analysis = analysePickle(head, { ignoreRest: true, count: 1 });
  if (analysis.complete || bringsInNames(analysis)) return true;
  const isBroken = analysis.findings.some(({ rule }) => rule === 'pickle/broken' || rule === 'pickle/unknown-opcode');
  return !isBroken && source.size > head.length;
}

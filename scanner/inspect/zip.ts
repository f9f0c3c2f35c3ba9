import {
  auditZip,
  ContainerLimit,
  checkStoredChecksum,
  inflatePartially,
  MalformedContainer,
  readZip,
  viewMember,
  type ZipArchive,
  type ZipEntry,
  type ZipGap,
} from '../containers/index.ts';
import { analysePickle, findPickleEnd, OPCODES, type PickleAnalysis } from '../pickle/index.ts';
import { type ByteSource, sliceSource } from '../source.ts';
import { checkTensors } from './check-tensors.ts';
import { type InspectInner, type Inspection, joinMember } from './inspection.ts';
import { reportFrameworks } from './members.ts';
import { inspectPickle } from './pickle.ts';
import { reportBigEndian } from './torch.ts';
import { holdsFile, inspectNotes } from './zip-notes.ts';

/** A storage is looked at this far: only one that is a whole pickle with an import is worth a word. */
const STORAGE_PEEK = 64 * 1024;
const MAIN_PICKLE = /^(?:.*\/)?data\.pkl$/i;
/** Below the folder of `data.pkl`; `torch.save` numbers its storages. TorchScript has some of another pickle's as well. */
const STORAGE_NAME = /^(.*\/)?(data|constants)\/(\d+)$/;
const CONSTANTS = /^(.*\/)?constants\.pkl$/i;
/** How far a damaged archive is searched for members. */
const RECOVERY_BYTES = 32 * 1024 * 1024;
const MAX_RECOVERED = 200;
/** No archive ends in as many. */
const ZERO_TAIL = 4096;
const MAX_RECOVERED_BYTES = 1024 * 1024;

/** A zip archive: its structure, what no member accounts for, and every member by its own content. */
export function inspectZip(
  source: ByteSource,
  member: string | undefined,
  inspection: Inspection,
  inner: InspectInner,
): void {
  let archive: ZipArchive;
  try {
    archive = readZip(source, inspection.limits);
  } catch (error) {
    if (!(error instanceof MalformedContainer)) throw error;
    const where = member === undefined ? undefined : { member };
    if (error instanceof ContainerLimit) inspection.report('container/too-large', 'incomplete', error.message, where);
    else inspection.report('zip/unreadable', 'malformed', `${error.message}${describeTail(source)}`, where);
    recoverMembers(source, member, inspection);
    return;
  }
  const audit = auditZip(source, archive, inspection.limits);
  inspection.addProblems([...archive.problems, ...audit.problems], member);
  for (const gap of audit.gaps) {
    // What is left is said where the members are.
    if (inspection.isOutOfTime) break;
    inspectGap(source, gap, member, inspection, inner);
  }

  inspectNotes(archive, member, inspection, inner);
  reportFrameworks(
    archive.entries.map(({ name }) => name),
    member,
    inspection,
  );

  const mains = archive.entries.filter(isMain);
  if (new Set(mains.map(({ name }) => name.toLowerCase())).size > 1) {
    inspection.report(
      'zip/several-roots',
      'suspicious',
      'The archive contains more than one pickle (data.pkl). Different programs may load different ones.',
    );
  }
  const storages = new Storages(archive);
  // First what says which entries are storages.
  for (const entry of archive.entries.toSorted((a, b) => Number(isMain(b)) - Number(isMain(a)))) {
    if (inspection.isOutOfTime) {
      inspection.report('container/time', 'incomplete', 'The scan took too long. The rest was not scanned.');
      return;
    }
    inspectMember(source, archive, entry, storages, joinMember(member, entry.name), inspection, inner);
  }
}

function inspectMember(
  source: ByteSource,
  archive: ZipArchive,
  entry: ZipEntry,
  storages: Storages,
  member: string | undefined,
  inspection: Inspection,
  inner: InspectInner,
): void {
  const where = member === undefined ? {} : { member };
  const isStorage = storages.has(entry.name);
  const view = viewMember(
    source,
    entry,
    isStorage ? Math.min(STORAGE_PEEK, inspection.unpackLimit) : inspection.unpackLimit,
  );
  if (entry.method !== 0) inspection.countUnpacked(view.source.size);
  inspection.addProblems(
    view.problems.map((problem) => ({ ...problem, where })),
    undefined,
  );

  if (MAIN_PICKLE.test(entry.name)) {
    const damage = checkStoredChecksum(source, entry, inspection.limits.pickleBytes);
    if (damage !== null) inspection.addProblems([{ ...damage, where }], undefined);
    storages.add(rootOf(entry), inspectMainPickle(source, archive, entry, view.source, member, inspection));
  } else if (isStorage) peekStorage(view.source, member, inspection);
  else {
    inspection.whileHolding(entry.method === 0 ? 0 : view.source.size, () => inner(view.source, member, entry.name));
    if (!view.whole && view.problems.length === 0) {
      inspection.report(
        'container/too-large',
        'incomplete',
        `The entry ${entry.name} is too large to extract and scan.`,
        where,
      );
    }
  }
}

/** `data.pkl` of torch.save: a pickle whatever it looks like, with tensors whose numbers must be there. */
function inspectMainPickle(
  source: ByteSource,
  archive: ZipArchive,
  entry: ZipEntry,
  pickle: ByteSource,
  member: string | undefined,
  inspection: Inspection,
): PickleAnalysis | null {
  const where = member === undefined ? {} : { member };
  const analysis = inspectPickle(pickle, where, inspection);
  if (analysis === null) return null;
  inspection.addTensors(analysis.tensors.length);

  const root = rootOf(entry);
  const entries = new Map(archive.entries.map((part) => [part.name, part]));
  checkTensors(analysis, inspection, where, (key) => {
    const storage = entries.get(`${root}data/${key}`);
    if (storage === undefined) return null;
    const open = () => {
      const view = viewMember(source, storage, inspection.unpackLimit);
      if (storage.method !== 0) inspection.countUnpacked(view.source.size);
      return view.whole ? view.source : null;
    };
    return { size: storage.size, open };
  });
  const order = archive.entries.find(({ name }) => name === `${root}byteorder`);
  if (order !== undefined && Buffer.from(source.read(order.dataOffset, 3)).toString('latin1') === 'big') {
    reportBigEndian(inspection, where);
  }
  return analysis;
}

/** Which entries are the numbers of tensors, and no files of their own. */
class Storages {
  /** By the folder of each `data.pkl`: the keys that it refers to, or null where it was not read to its end. */
  readonly #keys = new Map<string, ReadonlySet<string> | null>();
  readonly #constants: ReadonlySet<string>;

  constructor({ entries }: ZipArchive) {
    this.#constants = new Set(
      entries.flatMap(({ name }) => {
        const match = CONSTANTS.exec(name);
        return match === null ? [] : [match[1] ?? ''];
      }),
    );
  }

  add(root: string, analysis: PickleAnalysis | null): void {
    this.#keys.set(root, analysis?.complete ? new Set(analysis.storages.keys()) : null);
  }

  has(name: string): boolean {
    const [, root = '', folder, key = ''] = STORAGE_NAME.exec(name) ?? [];
    if (folder === undefined) return false;
    if (folder === 'constants') return this.#constants.has(root);
    const keys = this.#keys.get(root);
    return keys !== undefined && (keys === null || keys.has(key));
  }
}

function isMain({ name }: ZipEntry): boolean {
  return MAIN_PICKLE.test(name);
}

function rootOf({ name }: ZipEntry): string {
  return name.slice(0, -'data.pkl'.length);
}

/** Tensor numbers may begin like anything. Only a whole pickle that imports something is no accident. */
function peekStorage(storage: ByteSource, member: string | undefined, inspection: Inspection): void {
  if (!OPCODES.has(storage.read(0, 1)[0] ?? 0)) return;
  const head = storage.read(0, STORAGE_PEEK);
  if (findPickleEnd(head) === null) return;
  const analysis = analysePickle(head, {
    ignoreRest: true,
    count: 1,
    limits: inspection.pickleLimits,
  });
  const [name] = analysis.globals.keys();
  if (!analysis.complete || name === undefined || !isIdentifier(name)) return;
  inspection.report(
    'zip/storage-is-pickle',
    'suspicious',
    `Tensor data is a pickle that imports ${name}. Loaders do not load it as a pickle.`,
    member === undefined ? undefined : { member },
  );
}

/** Bytes before an archive are read first by programs that do not look for its directory; those behind it by none. */
function inspectGap(
  source: ByteSource,
  gap: ZipGap,
  member: string | undefined,
  inspection: Inspection,
  inner: InspectInner,
): void {
  const bytes = sliceSource(source, gap.start, gap.end - gap.start);
  const head = bytes.read(0, inspection.limits.pickleBytes);
  if (head[0] === 0x80 || findPickleEnd(head) !== null) {
    const where = { ...(member === undefined ? {} : { member }), offset: gap.start };
    const analysis = analysePickle(head, {
      where,
      ignoreRest: true,
      limits: inspection.pickleLimits,
    });
    const named =
      [...analysis.globals.keys()].some(isIdentifier) ||
      analysis.findings.some(({ severity }) => severity === 'dangerous');
    if (named) inspection.addPickle(analysis, gap.where === 'after' ? 'suspicious' : undefined);
  } else if (isEntry(head) || (gap.start > 0 && holdsFile(bytes)))
    inner(bytes, joinMember(member, `(${gap.where} the archive)`));
}

function isEntry(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PK\x03\x04';
}

/** Some programs make the room for a file first and fill it as it comes. */
function describeTail(source: ByteSource): string {
  const tail = source.read(Math.max(0, source.size - ZERO_TAIL), ZERO_TAIL);
  const isEmpty = tail.length === ZERO_TAIL && tail.every((byte) => byte === 0);
  return isEmpty ? ' It ends with zeros, as in an incomplete download.' : '';
}

/** A cut-off archive: what its first members hold is looked at all the same, for a loader may be more patient. */
function recoverMembers(source: ByteSource, member: string | undefined, inspection: Inspection): void {
  const bytes = Buffer.from(source.read(0, RECOVERY_BYTES));
  const mark = Buffer.from('PK\x03\x04', 'latin1');
  let at = bytes.indexOf(mark);
  for (let count = 0; at >= 0 && at + 30 <= bytes.length && count < MAX_RECOVERED; count += 1) {
    const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    const next = bytes.indexOf('PK', start, 'latin1');
    const name = bytes.toString('utf8', at + 30, Math.min(at + 30 + bytes.readUInt16LE(at + 26), bytes.length));
    const packed = bytes.subarray(start, next < 0 ? bytes.length : Math.max(next, start));
    const isDeflated = bytes.readUInt16LE(at + 8) === 8;
    const data = isDeflated
      ? inflatePartially(bytes.subarray(start), Math.min(inspection.unpackLimit, MAX_RECOVERED_BYTES)).bytes
      : packed;
    if (isDeflated) inspection.countUnpacked(data.length);
    if (data[0] === 0x80 || findPickleEnd(data) !== null) {
      const where = { member: joinMember(member, name) ?? name };
      const analysis = analysePickle(data, {
        where,
        ignoreRest: true,
        limits: inspection.pickleLimits,
      });
      if ([...analysis.globals.keys()].some(isIdentifier)) inspection.addPickle(analysis);
    }
    at = bytes.indexOf(mark, Math.max(start, at + 4));
  }
}

function isIdentifier(name: string): boolean {
  return /^[\w.]+$/.test(name);
}

/** Each reader of a container, and what must hold of what it answers. Their own errors are let through. */
import {
  auditZip,
  readGguf,
  readNumpyHeader,
  readSafetensorsHeader,
  readTar,
  readTorchLegacy,
  readZip,
  sniffContainer,
  unpackMembers,
  unpackStream,
  viewMember,
} from '#scanner/containers/index.ts';
import { bytesSource, scan } from '#scanner/index.ts';
import { analysePickle } from '#scanner/pickle/index.ts';

const MAX_MEMBER = 1024 * 1024;
const UNPACK_MS = 10_000;
/** Members that are looked at, of the thousands that a hostile archive may list. */
const MEMBERS = 50;

export function checkZip(bytes: Uint8Array): void {
  const source = bytesSource(bytes);
  const archive = readZip(source);
  for (const { start, end } of auditZip(source, archive).gaps) {
    if (start < 0 || end > bytes.length || end < start) throw new Error('A gap lies outside of the archive.');
  }
  for (const entry of archive.entries.slice(0, MEMBERS)) {
    const view = viewMember(source, entry, MAX_MEMBER);
    if (entry.method !== 0 && view.source.size > MAX_MEMBER) throw new Error('A member is larger than its limit.');
  }
}

export function checkTar(bytes: Uint8Array): void {
  for (const { start, size } of readTar(bytesSource(bytes))) {
    if (start < 0 || size < 0 || start + size > bytes.length) throw new Error('A member lies outside of the archive.');
  }
}

export function checkSafetensors(bytes: Uint8Array): void {
  const { header, dataStart } = readSafetensorsHeader(bytesSource(bytes));
  let held = dataStart;
  for (const { begin, end } of header.values()) {
    if (begin < 0 || dataStart + end > bytes.length || end < begin)
      throw new Error('A tensor lies outside of the file.');
    held += end - begin;
  }
  if (held !== bytes.length) throw new Error('The tensors are not the whole file.');
}

/** Tensors, paddings and what belongs to nothing are the file, each byte once. */
export function checkGguf(bytes: Uint8Array): void {
  const { tensors, dataStart, alignment, unused } = readGguf(bytesSource(bytes));
  const parts = [
    ...tensors.map(({ start, bytes: size }) => ({ start, end: start + size })),
    ...unused.map(({ offset, bytes: size }) => ({ start: offset, end: offset + size })),
  ].sort((a, b) => a.start - b.start);
  let position = parts[0]?.start ?? bytes.length;
  if (tensors.some(({ start }) => start < dataStart)) throw new Error('A tensor lies in the header.');
  for (const { start, end } of parts) {
    if (start < position || end < start || end > bytes.length) throw new Error('A part lies elsewhere.');
    if (start - position >= alignment) throw new Error('Bytes are not accounted for.');
    position = end;
  }
  if (bytes.length - position >= alignment) throw new Error('Bytes at the end are not accounted for.');
}

export function checkLegacy(bytes: Uint8Array): void {
  const { storages } = readTorchLegacy(bytesSource(bytes), () => (key) => (key === '' ? null : 4));
  for (const { start, elements } of storages.values()) {
    if (elements < 0 || start + elements * 4 > bytes.length) throw new Error('A storage lies outside of the file.');
  }
}

export function checkNumpy(bytes: Uint8Array): void {
  const { dataStart, dataEnd } = readNumpyHeader(bytesSource(bytes));
  if (dataStart > bytes.length || (dataEnd ?? bytes.length) > bytes.length)
    throw new Error('The numbers lie outside of the file.');
}

export function checkSevenZip(bytes: Uint8Array): void {
  const limits = { memberBytes: MAX_MEMBER, totalBytes: 4 * MAX_MEMBER, deadline: Date.now() + UNPACK_MS };
  let total = 0;
  const troubles = unpackMembers(bytesSource(bytes), limits, (_, member) => {
    if (member.length > MAX_MEMBER) throw new Error('A member is larger than its limit.');
    total += member.length;
  });
  if (total > 5 * MAX_MEMBER) throw new Error('More was unpacked than may be.');
  if (new Set(troubles).size < troubles.length) throw new Error('One trouble is told twice.');
}

/** What joblib steps over lies in the file, one behind the other, and a second look sees the same. */
export function checkJoblib(bytes: Uint8Array): void {
  const { arrays, complete, findings } = analysePickle(bytes, { readsArrays: true });
  let at = 0;
  for (const { start, end } of arrays) {
    if (start < at || end < start || (complete && end > bytes.length)) throw new Error('An array lies elsewhere.');
    at = start;
  }
  const { verdict } = scan(bytesSource(bytes));
  const isBad = findings.some(({ severity }) => severity === 'dangerous');
  if (bytes[0] === 0x80 && isBad && verdict !== 'dangerous' && sniffContainer(bytesSource(bytes)) === 'pickle')
    throw new Error('A call behind an array is not told.');
}

export function checkCompressed(bytes: Uint8Array): void {
  const unpacked = unpackStream(bytesSource(bytes), MAX_MEMBER);
  if ('bytes' in unpacked && unpacked.bytes.length > MAX_MEMBER) throw new Error('More was unpacked than may be.');
}

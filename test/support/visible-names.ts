import { isUtf8 } from 'node:buffer';
import { readNumpyHeader, readTar, readZip, unpackStream, viewMember } from '#scanner/containers/index.ts';
import { bytesSource } from '#scanner/index.ts';
import { findOperandEnd, OPCODES } from '#scanner/pickle/opcodes.ts';
import { findForbidden } from '../conformance/support/allowed.ts';

const NUMPY = Buffer.from('\x93NUMPY', 'latin1');
/** What Python can find as a module. */
const MODULE = /^[A-Za-z_]\w*(?:\.\w+)*$/;
const MAX_DEPTH = 4;
const MAX_MEMBER = 1024 * 1024;
const TEXTS = /^(?:(?:SHORT_)?BIN(?:STRING|UNICODE8?)|SHORT_BINUNICODE|UNICODE|STRING)$/;
const MEMOS = /^(?:MEMOIZE|(?:LONG_)?BINPUT|PUT|FRAME|PROTO)$/;

/**
 * Names that no tensor file uses and that the opcodes of a file bring in, whatever happens to them: the first ones of the
 * file itself, and those of all that can be taken out of it. Walks from opcode to opcode with neither stack nor policy of
 * the scanner, so it sees more than is ever reached.
 */
export function findVisibleNames(bytes: Uint8Array, depth = 0): string[] {
  const names = namesInStream(bytes).filter(
    (name) => findForbidden({ events: [['import', name]], pickles: 0, error: null }) !== null,
  );
  if (depth >= MAX_DEPTH) return names;
  return [...names, ...extractMembers(bytes).flatMap((inner) => findVisibleNames(inner, depth + 1))];
}

function namesInStream(bytes: Uint8Array): string[] {
  const names: string[] = [];
  const addName = (module: string, name: string) => {
    // C takes names as UTF-8, and no module can be found whose name is none.
    if (MODULE.test(module) && isUtf8(Buffer.from(name, 'latin1'))) names.push(`${module}.${name}`);
  };
  /** The last two opcodes that leave a value, where they are texts. */
  let texts: (string | null)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const opcode = OPCODES.get(bytes[at] ?? 0);
    const end = opcode === undefined ? null : findOperandEnd(bytes, opcode.operand, at + 1);
    if (opcode === undefined || end === null || opcode.name === 'PERSID') break;
    const { name, operand } = opcode;
    const prefix = typeof operand === 'string' ? ({ u1: 1, u4: 4, u8: 8 }[operand as 'u1'] ?? 0) : 0;
    const text = Buffer.from(bytes.subarray(at + 1 + prefix, end)).toString('latin1');
    if (name === 'GLOBAL' || name === 'INST') addName(...(text.split('\n') as [string, string]));
    else if (name === 'STACK_GLOBAL') {
      if (texts.length < 2) break;
      names.push(texts.map((part) => part ?? 'something made').join('.'));
    }
    if (name.startsWith('EXT')) names.push('an extension');
    if (!MEMOS.test(name)) texts = [...texts.slice(-1), TEXTS.test(name) ? text.replace(/^'|'?\n$/g, '') : null];
    at = end;
  }
  return names;
}

/** Members of archives, what streams unpack to, and what stands behind a header. Nothing where the file is none of these. */
function extractMembers(bytes: Uint8Array): Uint8Array[] {
  const source = bytesSource(bytes);
  const readers = [
    () =>
      readZip(source)
        .entries.filter(({ name }) => !/data\/\d+$/.test(name))
        .map((entry) => viewMember(source, entry, MAX_MEMBER).source.read(0, MAX_MEMBER)),
    () => readTar(source).map(({ start, size }) => source.read(start, size)),
    () => {
      const unpacked = unpackStream(source, MAX_MEMBER);
      return 'bytes' in unpacked ? [unpacked.bytes] : [];
    },
    () =>
      NUMPY.every((byte, index) => bytes[index] === byte) ? [bytes.subarray(readNumpyHeader(source).dataStart)] : [],
  ];
  return readers.flatMap((read) => {
    try {
      return read();
    } catch {
      return [];
    }
  });
}

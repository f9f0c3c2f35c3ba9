import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { SevenZipModuleFactory } from '7z-wasm';
import { loadedLater } from '../loaded-later.ts';
import type { ByteSource } from '../source.ts';

/** What 7-Zip unpacks here; the rest comes from `node:zlib`. */
export type SevenZipKind = '7z' | 'xz' | 'bzip2' | 'lzma';

/** Why something of an archive was not unpacked. */
export type UnpackFailure =
  | 'broken'
  | 'too-large'
  | 'too-much-memory'
  | 'too-many-members'
  | 'encrypted'
  | 'out-of-time'
  | 'unsupported';

export interface UnpackLimits {
  /** Bytes that are kept of one member; what is longer is `too-large`. */
  memberBytes: number;
  /** Bytes that are unpacked in all. */
  totalBytes: number;
  /** `Date.now()` of the end. */
  deadline: number;
}

/** A member that was unpacked. `whole` is false where only the beginning is there. Bytes are not kept by the caller's callee. */
export type OnUnpacked = (name: string, bytes: Uint8Array, whole: boolean) => void;

/** Memory of all unpackers that run at a time, one inside the other: a dictionary of 32 MiB, the program, and buffers. */
const MEMORY_BYTES = 72 * 1024 * 1024;
const MAX_MEMBERS = 10_000;
const PAGE = 65536;
const O_ACCMODE = 3;
const START_HEADER = 32;
const AES = Buffer.of(0x06, 0xf1, 0x07, 0x01);

/** The parts of Emscripten's file system that are used or replaced here. */
interface FileNode {
  usedBytes: number;
  stream_ops: object;
}
interface FileStream {
  path: string;
  flags: number;
  position: number;
}
interface Files {
  init(): void;
  mkdir(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  lookupPath(path: string): { node: FileNode };
  open(path: string, flags: string | number, mode?: number): FileStream;
  close(stream: FileStream): void;
  write(stream: FileStream, heap: Int8Array, at: number, length: number, position?: number): number;
  ftruncate(fd: number, length: number): void;
  symlink(target: string, path: string): void;
}
interface Options {
  print(line: string): void;
  printErr(line: string): void;
  preRun: (() => void)[];
  instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): void;
  FS?: Files;
  callMain?(words: string[]): number;
}

const require = createRequire(import.meta.url);
let compiled: WebAssembly.Module | undefined;
let memoryInUse = 0;

/** Ends 7-Zip from inside one of its calls. */
class StopUnpacking extends Error {}

/**
 * Unpacks an archive with 7-Zip, which runs as WebAssembly, reads through `source` and writes nothing: each member goes to
 * `onMember` as soon as it is unpacked, and what came before a break counts. Returns what went wrong, in the order in which
 * it did.
 */
export function unpackWithSevenZip(
  source: ByteSource,
  kind: SevenZipKind,
  limits: UnpackLimits,
  onMember: OnUnpacked,
): UnpackFailure[] {
  const failures = new Set<UnpackFailure>();
  const { files, run, memory } = startSevenZip(failures);
  readThrough(files, source, limits, failures);
  collectMembers(files, limits, failures, onMember);
  const exitCode = process.exitCode;
  try {
    const code = run(['x', '-y', '-aou', '-pnone', '-bd', '-o/out', `-t${kind}`, '/in/a']);
    // 1 is a warning: something stands behind the end of the archive.
    if (code > 1 && failures.size === 0) failures.add('broken');
  } catch (error) {
    if (!(error instanceof StopUnpacking) && !isFailure(error)) throw error;
    if (failures.size === 0) failures.add(kind === '7z' && hasEncryptedNames(source) ? 'encrypted' : 'broken');
  } finally {
    // The program ends as a process would.
    process.exitCode = exitCode;
    memoryInUse -= memory.buffer.byteLength;
  }
  // It calls damaged whatever it may not read, or has no memory for.
  if (failures.size > 1) failures.delete('broken');
  return [...failures];
}

/** What the program itself throws: a C++ exception, which is a number, or an error of WebAssembly. */
function isFailure(error: unknown): boolean {
  return typeof error === 'number' || error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

/** An archive whose list of members is encrypted says so in its last header by the id of the method (`7zFormat.txt`, AES). */
function hasEncryptedNames(source: ByteSource): boolean {
  const start = Buffer.from(source.read(0, START_HEADER));
  if (start.length < START_HEADER) return false;
  const header = Buffer.from(source.read(START_HEADER + Number(start.readBigUInt64LE(12)), 256));
  return header.includes(AES);
}

type Create = (options: object) => ReturnType<SevenZipModuleFactory>;

const loadSevenZip = loadedLater(() => {
  const path = require.resolve('7z-wasm');
  const bytes = new Uint8Array(readFileSync(path.replace(/[^\\/]*$/, '7zz.wasm')));
  return { bytes, create: require(path) as Create };
});

function startSevenZip(failures: Set<UnpackFailure>) {
  const { bytes, create } = loadSevenZip();
  compiled ??= new WebAssembly.Module(bytes);
  const module = compiled;
  let instance: WebAssembly.Instance | undefined;
  const onOutput = (line: string) => {
    if (/wrong password|encrypted/i.test(line)) failures.add('encrypted');
    else if (/allocate required memory/i.test(line)) failures.add('too-much-memory');
    else if (/unsupported method/i.test(line)) failures.add('unsupported');
    else if (/^ERROR/.test(line)) failures.add('broken');
  };
  const options: Options = {
    print: onOutput,
    printErr: onOutput,
    // Its own start comes only after a turn of the event loop, and a scan does not wait; it is started below instead.
    preRun: [
      () => {
        throw new StopUnpacking();
      },
    ],
    instantiateWasm(imports, done) {
      instance = new WebAssembly.Instance(module, imports);
      done(instance);
    },
  };
  // As in Node it would ask for what the permission model refuses, and is given no files here anyway.
  Object.defineProperty(process, 'type', { value: 'renderer', configurable: true });
  try {
    create(options).catch(() => {});
  } finally {
    Reflect.deleteProperty(process, 'type');
  }
  const { FS: files, callMain: run } = options;
  const { memory, __wasm_call_ctors: construct } = instance?.exports ?? {};
  if (!files || !run || !(memory instanceof WebAssembly.Memory) || typeof construct !== 'function') {
    throw new Error('This version of 7z-wasm is not supported.');
  }
  limitMemory(memory, failures);
  files.init();
  construct();
  files.mkdir('/in');
  files.mkdir('/out');
  return { files, run, memory };
}

/** 7-Zip takes a dictionary's memory at once; where it is refused, it says so and goes on with the next member. */
function limitMemory(memory: WebAssembly.Memory, failures: Set<UnpackFailure>): void {
  memoryInUse += memory.buffer.byteLength;
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memoryInUse + pages * PAGE > MEMORY_BYTES) {
      failures.add('too-much-memory');
      throw new RangeError('Extracting the archive needs more memory than the limit of a scan.');
    }
    const before = grow(pages);
    memoryInUse += pages * PAGE;
    return before;
  };
}

function readThrough(files: Files, source: ByteSource, limits: UnpackLimits, failures: Set<UnpackFailure>): void {
  files.writeFile('/in/a', new Uint8Array());
  const { node } = files.lookupPath('/in/a');
  node.usedBytes = source.size;
  node.stream_ops = {
    ...node.stream_ops,
    read(_: FileStream, heap: Int8Array, at: number, length: number, position: number): number {
      checkTime(limits, failures);
      const bytes = source.read(position, length);
      heap.set(bytes, at);
      return bytes.length;
    },
  };
}

function collectMembers(files: Files, limits: UnpackLimits, failures: Set<UnpackFailure>, onMember: OnUnpacked): void {
  const members = new Map<FileStream, { chunks: Uint8Array[]; length: number; whole: boolean }>();
  let total = 0;
  let count = 0;
  const { open, close, write } = files;
  const finish = (stream: FileStream) => {
    const member = members.get(stream);
    if (member === undefined) return;
    members.delete(stream);
    onMember(stream.path.slice('/out/'.length), Buffer.concat(member.chunks), member.whole);
  };
  files.open = (path, flags, mode) => {
    const stream = open(path, flags, mode);
    if (stream.path.startsWith('/out/') && (stream.flags & O_ACCMODE) !== 0) {
      count += 1;
      if (count > MAX_MEMBERS) stop('too-many-members', failures);
      members.set(stream, { chunks: [], length: 0, whole: true });
    }
    return stream;
  };
  files.close = (stream) => {
    close(stream);
    finish(stream);
  };
  files.write = (stream, heap, at, length, position) => {
    const member = members.get(stream);
    if (member === undefined) return write(stream, heap, at, length, position);
    checkTime(limits, failures);
    total += length;
    const room = Math.max(0, limits.memberBytes - member.length);
    if (length > room) {
      member.whole = false;
      failures.add('too-large');
    }
    if (room > 0) member.chunks.push(new Uint8Array(heap.subarray(at, at + Math.min(length, room))));
    member.length += Math.min(length, room);
    if (total > limits.totalBytes) {
      member.whole = false;
      finish(stream);
      stop('too-large', failures);
    }
    stream.position += length;
    return length;
  };
  // Sizes that a header claims take no memory, and links lead nowhere.
  files.ftruncate = () => {};
  files.symlink = () => {};
}

function checkTime(limits: UnpackLimits, failures: Set<UnpackFailure>): void {
  if (Date.now() > limits.deadline) stop('out-of-time', failures);
}

function stop(failure: UnpackFailure, failures: Set<UnpackFailure>): never {
  failures.add(failure);
  throw new StopUnpacking();
}

/**
 * Calls what built-in modules of the running Node export, with paths, addresses and process ids that are none of its
 * business. Says before each call what it calls, because some end the process, and what it could read. Where
 * the sandbox fails it must do no harm: every path that it names lies in a folder which was made for it, or in its own.
 */
import { writeSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';

type Method = ((...args: unknown[]) => unknown) & { prototype?: unknown };

export interface ProbeTask {
  /** A folder with `canary.txt`, `program` and `socket`. */
  outside: string;
  /** What is written in `canary.txt`. */
  canary: string;
  port: number;
  /** A process of somebody else. */
  victim: number;
  /** Names of built-in modules. */
  modules: readonly string[];
  /** At which export to begin. */
  from: number;
  /** Names of what is not called: it ends the process, by itself or by a fault of its own. */
  skip: readonly string[];
}

export type ProbeAnswer = { at: string; position: number } | { read: string } | { absent: readonly string[] };

const task = (await json(process.stdin)) as ProbeTask;
const { outside, canary, port, victim } = task;
const { exit } = process;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** These do no more than end or block this process, or take the probe's own feet away. */
const LEFT_OUT = new Set([
  ...['exit', 'reallyExit', 'abort', 'emit', '_fatalException'].map((name) => `process.${name}`),
  ...['removeAllListeners', 'off', 'removeListener', 'openStdin'].map((name) => `process.${name}`),
  ...['setUncaughtExceptionCaptureCallback', 'nextTick', '_tickCallback'].map((name) => `process.${name}`),
  // Runs the program anew.
  'module.runMain',
  ...task.skip,
]);
/** Numbers and text alone, which take their time, and what ends the process where no debugger is. */
const OF_NO_USE =
  /^(?:crypto\..*(?:[pP]rime|DiffieHellman|KeyPair|scrypt|pbkdf2|argon2)|console\.|v8\.getHeapSnapshot|inspector\.(?:Network|DOMStorage)\.)/;
/** Handles of Node's native side: they take arguments on trust, and end the process at a wrong one. */
const HANDLE = /^(?:_|parsers$|context$|HTTPParser$|stdin$|stdout$|stderr$)/;

/** Looked at elsewhere, or this program's own. */
const LOADED = new Set(['process', 'console', 'global', 'Buffer']);

const called = new Set<unknown>();
const made = new Set<unknown>([Object, Array, Map, Set, Promise, Function, Error, Buffer]);
let waiting: Promise<unknown>[] = [];
let position = 0;
let fresh = 0;

// Most calls are refused, and nobody reads where.
Error.stackTraceLimit = 0;
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

function say(answer: ProbeAnswer): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

/** Whether something that was handed out holds what only the file holds. */
function look(name: string, value: unknown): void {
  const bytes = ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null;
  if ((bytes?.toString('latin1') ?? inspect(value, { depth: 3 })).includes(canary)) say({ read: name });
}

function argumentLists(name: string): unknown[][] {
  const file = `${outside}/canary.txt`;
  const program = `${outside}/program`;
  const url = `file://${file}`;
  const made = `${outside}/made-${fresh++}`;
  const done = (...values: unknown[]) => {
    for (const value of values) look(name, value);
  };
  const options = { recursive: true };
  return [
    ...[[], [file], [file, 'utf8'], [file, made], [file, made, options]],
    ...[[made], [made, 'text'], [made, file], [made, options], [made, 'w']],
    ...[[outside], [outside, options], [new URL(url)], [url], [[file]]],
    [{ path: file, filename: file, file, url, args: [], env: {}, version: 'preview1', preopens: { '/x': outside } }],
    [{ path: made, filename: made, file: made, directory: made }],
    [{ file: program, args: ['program', made], stdio: ['ignore', 'ignore', 'ignore'] }],
    ...[[`echo > ${made}`], [program, [made]]],
    ...[[port, '127.0.0.1'], [{ port, host: '127.0.0.1' }], [`http://127.0.0.1:${port}/`], [`ws://127.0.0.1:${port}/`]],
    ...[[`${outside}/socket`], [{ path: `${outside}/socket` }]],
    ...[[victim], [victim, 9], [victim, 'SIGKILL'], [victim, 19]],
  ].flatMap((list) => [list, [...list, done]]);
}

async function call(name: string, self: object, method: Method, isMethod: boolean): Promise<void> {
  for (const list of argumentLists(name))
    for (const take of ways(self, method, list)) {
      let value: unknown;
      try {
        value = take();
      } catch {
        continue;
      }
      if (value instanceof Promise)
        waiting.push(
          value.then(
            (late) => look(name, late),
            () => {},
          ),
        );
      else look(name, value);
      if (isMethod || !(value instanceof Object) || value instanceof Promise) continue;
      // One of each class: what its methods do.
      if (made.has(value.constructor)) continue;
      made.add(value.constructor);
      for (const [key, inner] of functionsOf(value)) await callOnce(`${name}().${key}`, value, inner, true);
    }
  if (waiting.length > 200) await settle();
}

/** As a function and, where it can be one, as a class. */
function ways(self: object, method: Method, list: unknown[]): (() => unknown)[] {
  const apply = () => Reflect.apply(method, self, list);
  return method.prototype === undefined ? [apply] : [apply, () => Reflect.construct(method, list)];
}

async function callOnce(name: string, self: object, method: Method, isMethod = false): Promise<void> {
  if (called.has(method)) return;
  called.add(method);
  if (LEFT_OUT.has(name) || OF_NO_USE.test(name)) return;
  say({ at: name, position });
  await call(name, self, method, isMethod);
}

function functionsOf(object: object, isOwn = false): [string, Method][] {
  return membersOf(object, isOwn).flatMap(([key, value]) =>
    typeof value === 'function' ? [[key, value as Method]] : [],
  );
}

function membersOf(object: object, isOwn = false): [string, unknown][] {
  const names = new Set(Object.getOwnPropertyNames(object));
  for (let at = Object.getPrototypeOf(object); !isOwn && at !== null; at = Object.getPrototypeOf(at))
    if (at !== Object.prototype && at !== Function.prototype)
      for (const key of Object.getOwnPropertyNames(at)) names.add(key);
  return [...names].flatMap((key): [string, unknown][] => {
    if (key === 'constructor') return [];
    try {
      return [[key, Reflect.get(object, key)]];
    } catch {
      return [];
    }
  });
}

async function settle(): Promise<void> {
  const all = Promise.allSettled(waiting);
  waiting = [];
  await Promise.race([all, sleep(200)]);
}

/** Each export, and those of the namespaces among them, as `fs.promises`. */
async function probe(name: string, module: object, isInner = false): Promise<void> {
  for (const [key, value] of membersOf(module)) {
    const path = `${name}.${key}`;
    if (typeof value === 'function') {
      // Of a native side only what a process alone has.
      if (HANDLE.test(key) && name !== 'process') continue;
      position += 1;
      if (position > task.from) await callOnce(path, module, value as Method);
      else called.add(value);
      // What a class has without an instance, as `ZipFile.open`.
      for (const [inner, method] of functionsOf(value, true)) {
        if (called.has(method)) continue;
        position += 1;
        if (position > task.from) await callOnce(`${path}.${inner}`, value, method);
        else called.add(method);
      }
    } else if (!isInner && typeof value === 'object' && value !== null && !HANDLE.test(key) && key !== 'env')
      await probe(path, value, true);
  }
}

const absent: string[] = [];
for (const id of task.modules) {
  const module = process.getBuiltinModule(id) as object | undefined;
  if (module === undefined) absent.push(id);
  else await probe(id.replace('node:', ''), module);
}
// What Node adds to the language.
const plain = new Set(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]);
const own = Object.getOwnPropertyNames(globalThis).filter((key) => !plain.has(key) && !LOADED.has(key));
await probe('globalThis', Object.fromEntries(own.map((key) => [key, Reflect.get(globalThis, key)])), true);
await settle();
await sleep(200);
say({ absent });
exit(0);

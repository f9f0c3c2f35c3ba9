#!/usr/bin/env node
// The `weighhouse` command. Starts on any Node from 20 on: goes on in the running one where that is new enough, and hands
// over to the one that the project brings elsewhere. A package holds compiled JavaScript; so does a clone in which
// `npm start` or `npm run build` was run, and as long as it fits the sources it is taken, the TypeScript otherwise.
import { isNewEnough, nodeCommand, root } from '../scripts/bundled-node.mjs';
import { compileCacheFolder } from '../scripts/compile-cache.mjs';
import { scanFlags, sizeOfFile } from './scan-flags.mjs';

const { existsSync } = process.getBuiltinModule('node:fs');
const { enableCompileCache } = process.getBuiltinModule('node:module');
const { join } = process.getBuiltinModule('node:path');
const { pathToFileURL } = process.getBuiltinModule('node:url');

const FAILED = 2;
/** These read files and know of no database, so they work where nothing can be generated or written. */
const WITHOUT_DATABASE = ['scan', 'identify', 'convert', 'hash', 'upload', '--version', '-V', '--help', '-h'];
/** These are parts of the service, which runs from a clone: its pages and its database client are made there. */
const SERVICE = ['token', 'user', 'web', 'worker'];

/** With one file and no options, these are programs of their own (lib/cli/scan-file.ts). */
const BRIEF = ['scan', 'identify'];

const args = process.argv.slice(2);

function fail(message) {
  console.error(message);
  process.exit(FAILED);
}

function isBrief() {
  const [command, path = '-'] = args;
  // Without rights to give up, a scan goes to another process.
  const canStart = command !== 'scan' || flags !== null;
  return (
    BRIEF.includes(command) && args.length === 2 && !path.startsWith('-') && sizeOfFile([path]) !== null && canStart
  );
}

/** The program to run. */
async function findMain() {
  const source = join(root, 'lib', 'cli', 'main.ts');
  const compiled = join(root, 'dist', 'lib', 'cli', 'main.js');
  if (!existsSync(source)) {
    if (SERVICE.includes(args[0]))
      fail(`weighhouse: \`${args[0]}\` belongs to the service, which runs from a clone of Weighhouse (\`npm start\`).`);
    return compiled;
  }
  const { isBundleFresh } = await import('../scripts/bundle-state.mjs');
  if (isBundleFresh()) return compiled;
  if (!WITHOUT_DATABASE.includes(args[0])) {
    const { ensureClient } = await import('../scripts/generate.mjs');
    try {
      await ensureClient();
    } catch (error) {
      fail(`weighhouse: ${error.message}`);
    }
  }
  return source;
}

if (!existsSync(nodeCommand)) fail(`Weighhouse is not installed yet. Run \`npm ci\` in ${root} first.`);
const main = await findMain();
const cache = main.endsWith('.js') ? compileCacheFolder() : null;
const newEnough = isNewEnough();
const flags = scanFlags(args, cache);
const program = main.endsWith('.js') && isBrief() ? join(root, 'dist', 'lib', 'cli', `${args[0]}-file.js`) : main;
// What Node warns of is for who writes programs.
process.removeAllListeners('warning');
process.env.NODE_NO_WARNINGS = '1';
if (newEnough && flags === null) {
  if (cache !== null) enableCompileCache(cache);
  await import(pathToFileURL(program).href);
} else {
  const { handOver } = await import('./hand-over.mjs');
  const env = cache === null ? process.env : { ...process.env, NODE_COMPILE_CACHE: cache };
  await handOver(newEnough ? process.execPath : nodeCommand, [...(flags ?? []), program, ...args], env, fail);
}

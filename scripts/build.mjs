// Builds the web app when what it is made of has changed; `npm run build` bundles the rest of the program as well.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBundle } from './ensure-bundle.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

const SOURCES = [
  'app',
  'lib',
  'scanner',
  'public',
  'prisma',
  'next.config.js',
  'postcss.config.js',
  'tsconfig.json',
  'package-lock.json',
];

function* filesOf(path) {
  if (!existsSync(path)) return;
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  for (const entry of entries) if (entry.isFile()) yield join(entry.parentPath, entry.name);
}

function digest() {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((name) => (name.includes('.') ? [join(root, name)] : [...filesOf(join(root, name))]));
  for (const file of files.filter((path) => existsSync(path) && !path.endsWith('.schema')).sort()) {
    hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Exits with Next's own words when the build fails. */
export function ensureBuilt() {
  const stamp = join(root, '.next', 'weighhouse-build');
  const wanted = digest();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  console.log('Building the web app; this takes about a minute.');
  const build = spawnSync(commandOf('next'), ['build'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: childEnvironment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
  });
  if (build.status !== 0) {
    console.error(`${build.stdout}${build.stderr}\nThe web app could not be built.`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

if (process.argv[1] === join(root, 'scripts', 'build.mjs')) {
  ensureBuilt();
  ensureBundle();
}

// Completes package-lock.json after `npm install` through a registry mirror that lacks the builds for other systems:
// `npm ci` refuses a lock file that leaves out an optional build, and people on those systems need them. Every entry
// gets the digest that the registry states, so that nothing is installed unchecked.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd'];
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x'];

const path = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const completed = [];

for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    const words = name.split(/[^a-z0-9]+/);
    const os = words.filter((word) => SYSTEMS.includes(word));
    const cpu = words.filter((word) => PROCESSORS.includes(word));
    if (lock.packages[place] || os.length === 0 || cpu.length === 0 || !/^\d/.test(version)) continue;
    lock.packages[place] = { version, cpu, ...(entry.dev ? { dev: true } : {}), optional: true, os };
    if (words.includes('musl')) lock.packages[place].libc = ['musl'];
  }
}

for (const [place, entry] of Object.entries(lock.packages)) {
  if (place === '' || entry.link || entry.integrity) continue;
  const spec = `${entry.name ?? place.split('node_modules/').at(-1)}@${entry.version}`;
  // npm's own order of properties: the version first, its digest next.
  const { version, ...rest } = entry;
  lock.packages[place] = { version, integrity: integrityOf(spec), ...rest };
  completed.push(spec);
}

// As npm itself sorts, so that its next run moves nothing.
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(completed.length === 0 ? 'The lock file is complete.' : `Completed: ${completed.join(', ')}`);

/** The digest of a package as its registry states it. Throws where that knows none. */
function integrityOf(spec) {
  const integrity = execFileSync('npm', ['view', spec, 'dist.integrity'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }).trim();
  if (!integrity.startsWith('sha512-')) throw new Error(`The registry states no digest of ${spec}.`);
  return integrity;
}

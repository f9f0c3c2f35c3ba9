import { describe, expect, it } from 'vitest';
import { findDifference } from '#scripts/installed.mjs';

const LINUX = { os: 'linux', cpu: 'x64', libc: 'glibc', node: '22.12.0' };
const pg = { version: '8.23.1', integrity: 'sha512-pg' };
const mac = { version: '1.0.0', integrity: 'sha512-mac', optional: true, os: ['darwin'], cpu: ['arm64'] };
const linux = { version: '1.0.0', integrity: 'sha512-linux', optional: true, os: ['linux'], cpu: ['x64'] };
const glibc = { ...linux, libc: ['glibc'] };
const musl = { ...linux, libc: ['musl'] };
const root = { version: '0.1.0' };
const at = (packages: Record<string, object>) =>
  Object.fromEntries(Object.entries(packages).map(([name, entry]) => [name && `node_modules/${name}`, entry]));

describe('what npm lists as installed, beside what the lock file asks for', () => {
  it.each<[string, Record<string, object>, Record<string, object>, string | null]>([
    ['the same', { '': root, pg }, { pg }, null],
    ['another version', { pg }, { pg: { ...pg, version: '8.0.0' } }, 'pg is 8.0.0, not 8.23.1'],
    ['another build', { pg }, { pg: { ...pg, integrity: 'sha512-other' } }, 'pg is another build of 8.23.1'],
    ['one is missing', { pg, zod: pg }, { pg }, 'zod is missing'],
    ['one inside another is missing', { pg, 'pg/node_modules/zod': pg }, { pg }, 'pg/node_modules/zod is missing'],
    ['nothing is installed', { pg }, {}, 'pg is missing'],
    ['one too many', { pg }, { pg, left: pg }, 'left is not needed any more'],
    ['a build for another system is missing', { pg, mac }, { pg }, null],
    ['a build for another system is there', { pg, mac }, { pg, mac }, 'mac is for another system'],
    ['the build for this system is missing', { pg, linux }, { pg }, 'linux is missing'],
    ['the build for this system is there', { pg, linux, mac }, { pg, linux }, null],
    [
      'the build for this system is of another version',
      { linux },
      { linux: { ...linux, version: '0.9.0' } },
      'linux is 0.9.0, not 1.0.0',
    ],
    ['the build for another C library is missing', { glibc, musl }, { glibc }, null],
    ['only the build for another C library is there', { glibc, musl }, { musl }, 'glibc is missing'],
    ['an optional package for any system is missing', { wasm: { ...pg, optional: true } }, {}, null],
    ['one that leaves this system out is missing', { no: { ...linux, os: ['!linux'] } }, {}, null],
    ['one that leaves another system out is missing', { no: { ...linux, os: ['!win32'] } }, {}, 'no is missing'],
    ['one that this Node does not run is missing', { n: { ...linux, engines: { node: '>=26' } } }, {}, null],
    [
      'one that this Node runs is missing',
      { n: { ...linux, engines: { node: '^20.19.0 || >=22.12.0' } } },
      {},
      'n is missing',
    ],
    ['one that runs on a later minor version is missing', { n: { ...linux, engines: { node: '^22.13.0' } } }, {}, null],
    ['one whose range is not understood is missing', { n: { ...linux, engines: { node: '20 - 22' } } }, {}, null],
  ])('%s', (_, wanted, installed, said) => {
    expect(findDifference(at(wanted), at(installed), LINUX)).toBe(said);
  });
});

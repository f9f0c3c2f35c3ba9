// Whether `node_modules` holds what `package-lock.json` asks for, by the list that npm itself keeps of what it installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Entry of a lock file's `packages`
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {{ node?: string }} [engines]
 */

/** @typedef {{ os: string, cpu: string, libc: string | null, node: string }} System */

/**
 * One line about what is not installed as the lock file asks for it; null where nothing has to be done.
 * @param {string} root
 */
export function findStalePackage(root) {
  const list = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return 'nothing is installed yet';
  const packagesIn = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  try {
    return findDifference(packagesIn(join(root, 'package-lock.json')), packagesIn(list), thisSystem());
  } catch (error) {
    return `npm's list of what is installed cannot be read (${error instanceof Error ? error.message : error})`;
  }
}

/**
 * @param {Record<string, Entry>} wanted `packages` of the lock file
 * @param {Record<string, Entry>} installed `packages` of npm's own list, which leaves out what it did not install
 * @param {System} system
 * @returns {string | null}
 */
export function findDifference(wanted, installed, system) {
  for (const [place, entry] of Object.entries(wanted)) {
    if (place === '') continue;
    const found = installed[place];
    const name = place.replace(/^node_modules\//, '');
    if (found === undefined) {
      if (!entry.optional || isMeantFor(entry, system)) return `${name} is missing`;
    } else if (found.version !== entry.version) {
      return `${name} is ${found.version}, not ${entry.version}`;
    } else if (found.integrity !== entry.integrity) {
      return `${name} is another build of ${entry.version}`;
    } else if (entry.optional && !suits(entry, system)) {
      return `${name} is for another system`;
    }
  }
  const left = Object.keys(installed).find((place) => wanted[place] === undefined);
  return left === undefined ? null : `${left.replace(/^node_modules\//, '')} is not needed any more`;
}

/**
 * Whether an optional package is a build for this very system. Others are there or not as whoever needs them is, and npm
 * leaves out one that does not run on the Node at hand.
 * @param {Entry} entry
 * @param {System} system
 */
function isMeantFor(entry, system) {
  const names = entry.os !== undefined || entry.cpu !== undefined || entry.libc !== undefined;
  return names && suits(entry, system) && runsOn(entry.engines?.node ?? '*', system.node);
}

/**
 * @param {Entry} entry
 * @param {System} system
 */
function suits({ os, cpu, libc }, system) {
  return allows(os, system.os) && allows(cpu, system.cpu) && (libc === undefined || allows(libc, system.libc ?? ''));
}

/**
 * As npm reads such a list: names, or with `!` the names that are left out.
 * @param {string[] | undefined} list
 * @param {string} value
 */
function allows(list, value) {
  if (list === undefined || list.includes('any')) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}

/**
 * Versions as packages name them (`>=16`, `^20.19.0 || >=22.12.0`); false for what is written otherwise, so that a
 * package that npm may have left out is not asked for again and again.
 * @param {string} range
 * @param {string} version
 */
function runsOn(range, version) {
  const at = numbersOf(version);
  return range.split('||').some((part) => {
    const [, sign, lowest] = /^\s*(>=|\^)?\s*v?([\d.]+|\*)\s*$/.exec(part) ?? [];
    if (lowest === undefined) return false;
    if (lowest === '*') return true;
    const from = numbersOf(lowest);
    const difference = at[0] - from[0] || at[1] - from[1] || at[2] - from[2];
    return difference >= 0 && (sign === '>=' || at[0] === from[0]);
  });
}

/**
 * @param {string} version
 * @returns {[number, number, number]}
 */
function numbersOf(version) {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number);
  return [major, minor, patch];
}

/** @returns {System} */
function thisSystem() {
  return { os: process.platform, cpu: process.arch, libc: libcOfThis(), node: process.versions.node };
}

/** As npm finds it. */
function libcOfThis() {
  if (process.platform !== 'linux' || !process.report) return null;
  // Else it asks for the names of all open connections.
  process.report.excludeNetwork = true;
  const { header, sharedObjects } = /** @type {{ header: Record<string, string>, sharedObjects?: string[] }} */ (
    process.report.getReport()
  );
  if (header.glibcVersionRuntime) return 'glibc';
  return sharedObjects?.some((path) => path.includes('libc.musl-') || path.includes('ld-musl-')) ? 'musl' : null;
}

// What the web app is made of, so that it is built again when that has changed and only then.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Next looks for pages in here by itself, so a new file may become part of the app; what runs Next is none. */
const PAGES = ['app', 'public'];
const RUNS_NEXT = ['app/server.ts', 'app/byte-routes.ts'];
/** What pages import comes from here. */
const ROOMS = ['lib', 'scanner'];
const SETTINGS = ['instrumentation.ts', 'next.config.js', 'postcss.config.js', 'tsconfig.json'];

/** @typedef {Record<string, string>} State digests by the path within the project, with `/` */

/**
 * The state of all that a build may read.
 * @param {string} root
 * @returns {State}
 */
export function readState(root) {
  const files = [...PAGES, ...ROOMS].flatMap((room) => filesIn(root, room));
  const state = Object.fromEntries(
    [...files, ...SETTINGS]
      .filter((path) => !RUNS_NEXT.includes(path) && existsSync(join(root, path)))
      .map((path) => [path, digest(readFileSync(join(root, path)))]),
  );
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const { imports } = read('package.json');
  return { ...state, 'package.json': digest(JSON.stringify(imports ?? {})), 'package-lock.json': digestOfLock(read) };
}

/** What only tools need changes no page, but for PostCSS, which writes the styles. */
function digestOfLock(/** @type {(path: string) => any} */ read) {
  const entries = Object.entries(read('package-lock.json').packages)
    .filter(([place, { dev }]) => place !== '' && (!dev || place.includes('postcss')))
    .map(([place, { version, integrity }]) => [place, version, integrity]);
  return digest(JSON.stringify(entries));
}

/**
 * Of `state`, what the build in `folder` is made of: of the rooms only the files that its source maps name.
 * @param {string} root
 * @param {string} folder
 * @param {State} state
 * @returns {State}
 */
export function usedBy(root, folder, state) {
  const named = new Set();
  for (const file of readdirSync(join(folder, 'server'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.map')) continue;
    const path = join(folder, 'server', file);
    const map = JSON.parse(readFileSync(path, 'utf8'));
    const parts = [map, ...(map.sections ?? []).map((/** @type {any} */ section) => section.map)];
    for (const source of parts.flatMap((part) => part.sources ?? [])) {
      if (!source.includes('://')) named.add(slashed(relative(root, resolve(dirname(path), decodeURI(source)))));
    }
  }
  // Without any map there is no telling, and everything counts.
  const tells = [...named].some((path) => isIn(PAGES, path));
  return Object.fromEntries(Object.entries(state).filter(([path]) => !tells || !isIn(ROOMS, path) || named.has(path)));
}

/**
 * Paths of what has changed, come or gone since `built`.
 * @param {State} built
 * @param {State} now
 */
export function changesSince(built, now) {
  const changed = Object.keys(built).filter((path) => built[path] !== now[path]);
  // A new file in a room becomes part of the app by a change of one that is part of it.
  const added = Object.keys(now).filter((path) => !(path in built) && !isIn(ROOMS, path));
  return [...changed, ...added].sort();
}

function isIn(/** @type {string[]} */ rooms, /** @type {string} */ path) {
  return rooms.some((room) => path.startsWith(`${room}/`));
}

/** @returns {string[]} */
function filesIn(/** @type {string} */ root, /** @type {string} */ room) {
  if (!existsSync(join(root, room))) return [];
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .map((name) => join(room, name))
    .filter((path) => statSync(join(root, path)).isFile())
    .map(slashed);
}

function slashed(/** @type {string} */ path) {
  return path.split(sep).join('/');
}

function digest(/** @type {string | Buffer} */ bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

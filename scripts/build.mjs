// Builds the web app when what it is made of has changed; `npm run build` bundles the rest of the program as well.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBundle } from './ensure-bundle.mjs';
import { runStep } from './run-step.mjs';
import { changesSince, readState, usedBy } from './web-sources.mjs';
import { childEnvironment, commandOf, root } from './with-node.mjs';

const NAMED = 3;

const folder = join(root, '.next');
const stamp = join(folder, 'weighhouse-build.json');

/** Exits where the build fails, which Next has said why by then. */
export async function ensureBuilt() {
  const state = readState(root);
  const built = readBuilt();
  const changes = built === null ? [] : changesSince(built, state);
  if (built !== null && changes.length === 0) return;

  // A build that is cut short is none.
  rmSync(stamp, { force: true });
  // What Next would keep for the next build is 230 MB, and a fifth of the time of this one. Most clones are built once.
  const cache = built === null ? 'no' : 'yes';
  const why = built === null ? 'which takes a minute or two' : `because of ${named(changes)}`;
  let table = false;
  const { status } = await runStep(`Building the web app, ${why}`, commandOf('next'), ['build'], {
    cwd: root,
    shell: process.platform === 'win32',
    env: childEnvironment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NEXT_BUILD_CACHE: cache }),
    // It ends with a table of all pages.
    shows(line) {
      table ||= line.startsWith('Route (app)');
      return !table && line !== '';
    },
  });
  if (status !== 0) {
    console.error('The web app could not be built.');
    process.exit(1);
  }
  writeFileSync(stamp, JSON.stringify(usedBy(root, folder, state)));
}

/** What the last build was made of; null where there is none. */
function readBuilt() {
  if (!existsSync(join(folder, 'BUILD_ID'))) return null;
  try {
    return JSON.parse(readFileSync(stamp, 'utf8'));
  } catch {
    return null;
  }
}

function named(/** @type {string[]} */ changes) {
  const more = changes.length - NAMED;
  return [...changes.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

if (process.argv[1] === join(root, 'scripts', 'build.mjs')) {
  await ensureBuilt();
  ensureBundle();
}

// Writes `dist/` where it is missing or made of older sources; about a second.
import { spawnSync } from 'node:child_process';
import { isBundleFresh } from './bundle-state.mjs';
import { childEnvironment, nodeCommand, root } from './with-node.mjs';

/** Exits with the bundler's own words when it fails. `--package` leaves the service out. */
export function ensureBundle(...options) {
  if (options.length === 0 && isBundleFresh()) return;
  const { status } = spawnSync(nodeCommand, ['scripts/bundle.mjs', ...options], {
    cwd: root,
    stdio: 'inherit',
    env: childEnvironment({ NODE_NO_WARNINGS: '1' }),
  });
  if (status !== 0) {
    console.error('The program could not be bundled.');
    process.exit(status ?? 1);
  }
}

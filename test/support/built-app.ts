import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';

/** Each project of the run loads this file for itself, in one process. */
const shared = globalThis as { weighhouseBuild?: Promise<void> };

/** Tests of the running service need the web app and the bundle that `npm start` would run. */
export default async function buildApp(): Promise<void> {
  shared.weighhouseBuild ??= ensureBuilt().then(() => ensureBundle());
  await shared.weighhouseBuild;
}

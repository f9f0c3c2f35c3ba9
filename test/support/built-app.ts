import { ensureBuilt } from '#scripts/build.mjs';

/** Each project of the run loads this file for itself, in one process. */
const shared = globalThis as { weighhouseBuild?: Promise<void> };

/** Tests of the running service need the web app that `npm start` would serve. */
export default async function buildApp(): Promise<void> {
  shared.weighhouseBuild ??= Promise.resolve(ensureBuilt());
  await shared.weighhouseBuild;
}

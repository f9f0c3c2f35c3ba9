import { ensureBuilt } from '#scripts/build.mjs';

/** Tests of the running service need the web app that `npm start` would serve. */
export default async function buildApp(): Promise<void> {
  await ensureBuilt();
}

import { log } from '../log.ts';
import { findProgram, findSnapshot, ProcessEnd, WatchedProcess } from '../process/index.ts';

/** Some hundred times what it takes. */
const TRIAL_MS = 30_000;

let found: Promise<string | null> | undefined;

/**
 * The snapshot of the program that scans and identifies, where it can be started here: that was tried, once, because a Node
 * that was built in another way ends at once. Null where there is none: the program is then loaded as any other.
 */
export function findStageSnapshot(): Promise<string | null> {
  found ??= tryOut(findSnapshot('stage'));
  return found;
}

/** The same of a snapshot of that program. */
export async function tryOut(snapshot: string | null): Promise<string | null> {
  if (snapshot === null) return null;
  const trial = new WatchedProcess({
    entry: findProgram('stage'),
    snapshot,
    rights: { read: [] },
    channel: 'lines',
  });
  const end = await trial.exchange({ ahead: true }, { time: TRIAL_MS });
  if (end instanceof ProcessEnd && end.cause === 'itself' && end.code === 0) return snapshot;
  log('ingest').warn(
    { reason: end.log },
    'The snapshot of the stages cannot be started. Each loads its program instead.',
  );
  return null;
}

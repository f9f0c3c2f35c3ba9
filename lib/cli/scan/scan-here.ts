import { confine } from '#lib/process/index.ts';
import { allowCollection } from '#scanner/release.ts';
import type { PoolFile, PoolOptions } from './pool.ts';
import { outerLimits, reasonOf } from './scan-limits.ts';
import { type ExplainedFile, reportStopped, reportUnread, type ScanPathOptions } from './scan-path.ts';
import { startWatch } from './within-limits.ts';

/**
 * Scans files one after the other in this process, for one that may start no other: under Node's permission model it has
 * no more rights than a worker of the pool, and the same limits. What they stop costs its file a finding (`scan/stopped`).
 * `read` scans one file; all that it needs is loaded already.
 */
export async function* scanHere(
  files: readonly PoolFile[],
  read: (path: string, options: ScanPathOptions) => ExplainedFile,
  options: Omit<PoolOptions, 'jobs' | 'entry' | 'explain' | 'identify'>,
): AsyncGenerator<ExplainedFile> {
  const { policy, limits, onDone } = options;
  const most = outerLimits(options);
  allowCollection();
  const watch = startWatch(most.memory);
  confine();
  for (const { path, name, problem, isFound } of files) {
    const shown = name ?? path;
    const task = { name, policy, limits, isFound };
    const scan = () => read(path, task);
    let done: ExplainedFile;
    if (problem !== null) done = { path: shown, report: reportUnread(path, 'file/unreadable', problem) };
    else {
      const end = watch.run(scan, most.time);
      done = 'result' in end ? end.result : { path: shown, report: reportStopped(path, reasonOf(end.cut, most)) };
    }
    onDone?.(done);
    yield done;
  }
}

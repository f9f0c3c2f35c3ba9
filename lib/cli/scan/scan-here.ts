import type { PoolFile, PoolOptions } from './pool.ts';
import { outerLimits, reasonOf } from './scan-limits.ts';
import type { ExplainedFile } from './scan-path.ts';
import { reportStopped, reportUnread } from './scan-path.ts';
import { loadScanReader } from './scan-reader.ts';
import { startWatch } from './within-limits.ts';

/**
 * Scans files one after the other in this process, for one that may start no other: under Node's permission model it has
 * no more rights than a worker of the pool, and the same limits. What they stop costs its file a finding (`scan/stopped`).
 */
export async function* scanHere(
  files: readonly PoolFile[],
  options: Omit<PoolOptions, 'jobs' | 'entry'>,
): AsyncGenerator<ExplainedFile> {
  const { policy, limits, onDone } = options;
  const read = await loadScanReader(options);
  const most = outerLimits(options);
  const watch = startWatch(most.memory);
  for (const { path, name, problem } of files) {
    const shown = name ?? path;
    const task = { name, policy, limits };
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

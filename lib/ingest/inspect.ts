/**
 * The program inside the sandbox that scans and identifies one file, as a startup snapshot of Node: it starts with all it
 * needs in memory, and may not even read its own program. `scripts/snapshots.mjs` makes it. What few files need it cannot
 * load (`later`); then it says so and ends, and `child.ts` begins again.
 */

import { basename } from 'node:path';
import { startupSnapshot } from 'node:v8';
import { forbidLoading } from '#scanner/loaded-later.ts';
import { readSidecarNotes } from '#scanner/sidecars/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { becomeUser, confine } from '../process/index.ts';
import { identifyFile, scanFile } from './inspect-file.ts';
import { askFor, onProgress, serveTasks, type Work } from './serve-tasks.ts';
import type { StageTask } from './stages.ts';

async function prepare(task: StageTask): Promise<Work> {
  if (task.stage === 'scan' && 'path' in task) return () => scanFile(task, { onProgress });
  if (task.stage !== 'identify' || !('path' in task)) throw new Error(`This program does no ${task.stage}.`);
  return () => identifyFile(task, readSidecarNotes(task.notes));
}

async function giveUpRights(): Promise<void> {
  forbidLoading(() => askFor('later'));
  becomeUser();
}

/** So the snapshot has what files like these take: the templates of their networks, and functions that are compiled. */
function inspectSamples(paths: readonly string[]): void {
  for (const path of paths) {
    // Not by `using`, with which V8 can make no snapshot.
    const source = openFileSource(path);
    const name = basename(path);
    const report = scanFile({ stage: 'scan', path, name }, { source });
    const identity = identifyFile({ stage: 'identify', path, name, sha256: '', notes: [] }, {}, source);
    JSON.stringify([report, identity]);
    source.close();
  }
}

inspectSamples(process.argv.slice(2));
startupSnapshot.setDeserializeMainFunction(() => {
  confine();
  void serveTasks({ loadAhead: async () => {}, prepare, giveUpRights });
});

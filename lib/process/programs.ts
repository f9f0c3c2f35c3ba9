import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isCompiled, programFile, projectRoot } from '#scanner/program-file.ts';

/** Every program that is started as a process of its own, by its source. */
export const PROGRAMS = {
  stage: 'lib/ingest/child.ts',
  'scan-worker': 'lib/cli/scan/worker.ts',
  engine: 'lib/render/engine/child.ts',
  web: 'app/server.ts',
  worker: 'lib/worker/main.ts',
} as const;

/** Programs that can also be started from a snapshot of their memory, by the source that the snapshot is made of. */
export const SNAPSHOTS = { stage: 'lib/ingest/inspect.ts' } as const;

export type ProgramName = keyof typeof PROGRAMS;

/** The file to start. Ask when a process is wanted: the web app bundles this file and starts none. */
export function findProgram(name: ProgramName): string {
  return programFile(PROGRAMS[name]);
}

/**
 * The file of a startup snapshot, relative to the project. Only the Node that made it can read it, so that another one looks
 * for a file that is not there.
 */
export function snapshotFile(name: keyof typeof SNAPSHOTS): string {
  const { version, platform, arch } = process;
  return join('dist', 'snapshots', `${name}-${version}-${platform}-${arch}.blob`);
}

/** The snapshot of a program; null where there is none, as in a program that is not compiled. */
export function findSnapshot(name: keyof typeof SNAPSHOTS): string | null {
  if (!isCompiled()) return null;
  const path = join(projectRoot(), snapshotFile(name));
  return existsSync(path) ? path : null;
}

/**
 * What a program must be allowed to read to run. The data folder of the service may lie under the same root, and is not
 * among these.
 */
export function programPaths(): string[] {
  const root = realpathSync(projectRoot());
  const names = isCompiled() ? ['dist'] : ['scanner', 'lib', 'bin'];
  const parts = [...names, 'node_modules', 'package.json'].map((name) => join(root, name));
  return [...new Set(parts.filter(existsSync).flatMap((path) => [path, realpathSync(path)]))];
}

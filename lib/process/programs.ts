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

export type ProgramName = keyof typeof PROGRAMS;

/** The file to start. Ask when a process is wanted: the web app bundles this file and starts none. */
export function findProgram(name: ProgramName): string {
  return programFile(PROGRAMS[name]);
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

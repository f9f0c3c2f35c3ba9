import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SANDBOX_FLAGS } from '../../bin/sandbox-flags.mjs';

/**
 * Starts a stage of the ingest from the package that is installed in a folder, with the rights, the heap and the environment that the service
 * gives it. Milliseconds until it opens its file, which is a pipe that tells so.
 */
export async function startStage(installed: string, folder: string): Promise<number> {
  const scratch = mkdtempSync(join(folder, 'stage-'));
  const path = join(scratch, 'file');
  execFileSync('mkfifo', [path]);
  const dist = join(installed, 'dist');
  const cache = join(dist, 'cache');
  const readable = [dist, join(installed, 'package.json'), dirname(installed)];
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--permission',
      ...SANDBOX_FLAGS,
      '--no-addons',
      ...[...readable, scratch].map((name) => `--allow-fs-read=${name}`),
      ...[scratch, cache].map((name) => `--allow-fs-write=${name}`),
      '--max-old-space-size=512',
      join(dist, 'lib', 'ingest', 'child.js'),
    ],
    {
      cwd: scratch,
      env: {
        PATH: '',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        NODE_ENV: 'production',
        NODE_NO_WARNINGS: '1',
        NODE_COMPILE_CACHE: cache,
      },
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  const ended = once(child, 'exit');
  child.stdin?.end(JSON.stringify({ stage: 'scan', path, name: 'model.ckpt' }));
  const pipe = await open(path, 'w');
  const milliseconds = performance.now() - began;
  await pipe.close();
  await ended;
  return milliseconds;
}

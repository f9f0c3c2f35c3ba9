// Startup snapshots of programs that are begun often: Node starts them with all they need in memory, in half the time that
// loading it takes. Only the very Node that made one can read it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { SANDBOX_FLAGS } from '../bin/sandbox-flags.mjs';

/**
 * Writes the snapshots into a folder that becomes `dist/`. `bundle` writes one file of CommonJS, which is what Node can make
 * one of, and hands out its chunks. Returns those. Where Node cannot make one, there is none: programs start all the same.
 */
export async function writeSnapshots(folder, bundle) {
  const { SNAPSHOTS, snapshotFile } = await import('../lib/process/programs.ts');
  const { writeSampleAdapters } = await import('./sample-adapters.ts');
  const scratch = mkdtempSync(join(tmpdir(), 'weighhouse-snapshot-'));
  const samples = writeSampleAdapters(scratch);
  const chunks = [];
  for (const [name, source] of Object.entries(SNAPSHOTS)) {
    const path = join(folder, relative('dist', snapshotFile(name)));
    mkdirSync(dirname(path), { recursive: true });
    const program = `${path}.cjs`;
    chunks.push(...(await bundle(source, { dir: dirname(program), entryFileNames: basename(program) })));
    const { status, signal, stderr } = makeSnapshot(path, program, samples);
    rmSync(program);
    if (status === 0) continue;
    rmSync(path, { force: true });
    console.error(`No snapshot of ${source} could be made; it starts more slowly.\n${signal ?? stderr}`);
  }
  rmSync(scratch, { recursive: true });
  return chunks;
}

/** Writes what a program has in memory when it has run, with these arguments. */
export function makeSnapshot(path, program, samples = []) {
  return spawnSync(
    process.execPath,
    // What these take away would be there again in a process of a snapshot that was made without them.
    [...SANDBOX_FLAGS, '--snapshot-blob', path, '--build-snapshot', program, ...samples],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' } },
  );
}

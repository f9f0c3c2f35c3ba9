// `npm run bench`: a full-size SD 1.5 checkpoint from the first byte sent to the published safetensors, beside `cp` and
// `sha256sum` of the same file in the same run. Linux only, because of how memory is read.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { findRunningPostgres } from '#lib/postgres/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { runCli } from '#test/support/cli.ts';
import { startTestService } from '#test/support/service.ts';
import { PeakMemory } from './peak-memory.ts';
import { stageSeconds } from './stage-seconds.ts';

const PROCESSES = [
  ['stage (sandbox)', 'ingest/child.ts'],
  ['web server', 'app/server.ts'],
  ['worker', 'worker-main.ts'],
  ['supervisor', 'service/main.ts'],
  ['PostgreSQL (largest process)', 'postgres'],
] as const;

if (process.platform !== 'linux') {
  console.log('This measurement reads memory from /proc, which only Linux has; it is left out here.');
  process.exit(0);
}

await ensureBuilt();
ensureBundle();
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse bench '));
const path = join(folder, 'full.ckpt');
console.log('Writing a full-size SD 1.5 checkpoint…');
writeCheckpoint(path, 'sd1', { size: 'full' });
const { size } = statSync(path);
execFileSync('sync');

const admin = { WEIGHHOUSE_ADMIN_EMAIL: 'bench@example.org', WEIGHHOUSE_ADMIN_PASSWORD: 'correct horse battery' };
const service = await startTestService({ env: admin });
try {
  const copy = time(() => execFileSync('cp', [path, join(folder, 'copy.ckpt')]));
  const digest = time(() => execFileSync('sha256sum', [path]));
  rmSync(join(folder, 'copy.ckpt'));
  execFileSync('sync');

  const onService = { WEIGHHOUSE_HOME: service.home };
  const token = (
    await runCli(['token', 'create', '--name', 'bench', '--scopes', 'read,upload'], onService)
  ).stdout.trim();
  const memory = new PeakMemory(service.pid(), PROCESSES);
  const began = performance.now();
  const upload = ['upload', path, '--server', service.url, '--token', token, '--wait', '--format', 'json'];
  const { code, stdout, stderr } = await runCli(upload);
  const whole = (performance.now() - began) / 1000;
  const peaks = memory.stop();
  if (code !== 0) throw new Error(stderr);
  const [{ verdict, conversion, type, base }] = JSON.parse(stdout).files;
  const stages = await stageSeconds((await findRunningPostgres(service.home)) ?? '');
  const uploading = whole - [...stages.values()].reduce((sum, seconds) => sum + seconds, 0);

  const row = (what: string, seconds: number) =>
    `| ${what} | ${seconds.toFixed(2)} | ${(size / 1e6 / seconds).toFixed(0)} | ${(seconds / copy).toFixed(2)} | ${(seconds / digest).toFixed(2)} |`;
  const lines = [
    `## Ingest, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${(size / 1e9).toFixed(2)} GB SD 1.5 checkpoint (zip layout, half precision) → ${verdict}, ${conversion}, ${type}, ${base}.`,
    `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory; page cache warm for all.`,
    '',
    '| what | s | MB/s | × `cp` | × `sha256sum` |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('`cp` of the same file', copy),
    row('`sha256sum` of the same file', digest),
    row('**upload to published**', whole),
    row('sending it (hashed meanwhile), and waiting between stages', uploading),
    ...[...stages].map(([stage, seconds]) => row(`stage ${stage}`, seconds)),
    '',
    '| process | peak resident MiB |',
    '| --- | ---: |',
    ...[...peaks].map(([name, bytes]) => `| ${name} | ${(bytes / 2 ** 20).toFixed(0)} |`),
    '',
  ].join('\n');
  console.log(`\n${lines}`);
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${lines}`);
} finally {
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/** Seconds. */
function time(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

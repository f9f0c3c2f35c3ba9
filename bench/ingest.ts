// `npm run bench`: a full-size SD 1.5 checkpoint from the first byte sent to the published safetensors, beside `cp` and
// `sha256sum` of the same file in the same run; how fast curl, the command and the page send it; processor time, bytes and
// memory of each process. `sdxl` among the arguments takes a checkpoint of 6.94 GB, `--record` appends the figures to
// RESULTS.md. Needs four times the file in BENCH_FOLDER and in the temporary folder. Linux only, because of `/proc`.
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { findRunningPostgres } from '#lib/postgres/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { runCli } from '#test/support/cli.ts';
import { startTestService } from '#test/support/service.ts';
import { makeUnreadable, SENDERS, type Target } from './ingest/senders.ts';
import { PeakMemory } from './peak-memory.ts';
import { stageSeconds } from './stage-seconds.ts';
import { type ProcessUsage, residentBytes, usageBetween, usageOf } from './upload/process-usage.ts';

const PROCESSES = [
  ['stage (sandbox)', 'ingest/child'],
  ['web server', 'app/server'],
  ['worker', 'worker/main'],
  ['supervisor', 'service/main'],
  ['PostgreSQL (largest process)', 'postgres'],
] as const;
/** When memory that is given back after a while should be. */
const CALM_MS = 20_000;
const MIB = 2 ** 20;

if (process.platform !== 'linux') {
  console.log('This measurement reads memory from /proc, which only Linux has; it is left out here.');
  process.exit(0);
}

await ensureBuilt();
ensureBundle();
const kind = process.argv.includes('sdxl') ? 'sdxl' : 'sd1';
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse bench '));
const path = join(folder, 'full.ckpt');
console.log('Writing a full-size checkpoint…');
writeCheckpoint(path, kind, { size: 'full' });
const { size } = statSync(path);
execFileSync('sync');

const email = 'bench@example.org';
const password = 'correct horse battery';
const service = await startTestService({
  env: { WEIGHHOUSE_ADMIN_EMAIL: email, WEIGHHOUSE_ADMIN_PASSWORD: password },
});
try {
  const cp = Math.min(timeCopy(), timeCopy());
  const digest = time(() => execFileSync('sha256sum', [path]));

  const created = await runCli(['token', 'create', '--name', 'bench', '--scopes', 'read,upload'], {
    WEIGHHOUSE_HOME: service.home,
  });
  const target: Target = { url: service.url, token: created.stdout.trim(), email, password };
  const web = service.partPid('web');
  // The first request loads the code of all pages.
  await fetch(`${service.url}/api/health`);
  const idle = residentBytes(web);
  const sendings = await measureSending(target);

  const before = usageOfParts();
  const memory = new PeakMemory(service.pid(), PROCESSES);
  const began = performance.now();
  const upload = ['upload', path, '--server', target.url, '--token', target.token, '--wait', '--format', 'json'];
  const { code, stdout, stderr } = await runCli(upload);
  const whole = (performance.now() - began) / 1000;
  const peaks = memory.stop();
  const used = usageOfParts().map(([name, after], index) => {
    const then = before[index]?.[1];
    return [name, then === undefined ? after : usageBetween(then, after)] as const;
  });
  if (code !== 0) throw new Error(stderr);
  const [{ fileId, verdict, conversion, type, base }] = JSON.parse(stdout).files;
  const stages = await stageSeconds((await findRunningPostgres(service.home)) ?? '', fileId);
  const rest = whole - [...stages.values()].reduce((sum, seconds) => sum + seconds, 0);
  await wait(CALM_MS);
  const calm = residentBytes(web);

  const row = (what: string, seconds: number) =>
    `| ${what} | ${seconds.toFixed(2)} | ${(size / 1e6 / seconds).toFixed(0)} | ${(seconds / cp).toFixed(2)} | ${(seconds / digest).toFixed(2)} |`;
  const lines = [
    `## Ingest, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${(size / 1e9).toFixed(2)} GB ${kind} checkpoint (zip layout, half precision) → ${verdict}, ${conversion}, ${type}, ${base}.`,
    `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, load ${loadavg()[0]?.toFixed(1)}; page cache warm for all.`,
    '',
    '| what | s | MB/s | × `cp` | × `sha256sum` |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('`cp` of the same file (the faster of two)', cp),
    row('`sha256sum` of the same file', digest),
    row('**upload to published**, by `weighhouse upload --wait`', whole),
    row('sending it (hashed meanwhile), and waiting between stages', rest),
    ...[...stages].map(([stage, seconds]) => row(`stage ${stage}`, seconds)),
    '',
    '| sending alone, until it is stored and hashed | s | MB/s | processor s/GB of the sender | of the web server |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...sendings,
    '',
    'From upload to published, with what has ended:',
    '',
    '| process | processor s/GB | read, × the file | written, × the file | from disk | to disk |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...used.map(([name, usage]) => describeUsage(name, usage)),
    '',
    '| process | peak resident MiB |',
    '| --- | ---: |',
    ...[...peaks].map(([name, bytes]) => `| ${name} | ${(bytes / MIB).toFixed(0)} |`),
    '',
    `The web server had ${(idle / MIB).toFixed(0)} MiB before the first upload and ${(calm / MIB).toFixed(0)} MiB ${CALM_MS / 1000} s after the last one.`,
    '',
  ].join('\n');
  console.log(`\n${lines}`);
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${lines}`);
} finally {
  await service.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/** A row for each program that sends, with a file that the catalog has not seen. */
async function measureSending(target: Target): Promise<string[]> {
  const rows: string[] = [];
  for (const [index, [name, send]] of Object.entries(SENDERS).entries()) {
    const sent = join(folder, `sent ${index}.ckpt`);
    copyFileSync(path, sent);
    makeUnreadable(sent);
    execFileSync('sync');
    const web = service.partPid('web');
    const before = usageOf(web);
    const found = await send(sent, target);
    const { processor } = usageBetween(before, usageOf(web));
    const gigabytes = size / 1e9;
    const cells =
      typeof found === 'string'
        ? [found, '', '', '']
        : [
            found.seconds.toFixed(2),
            (size / 1e6 / found.seconds).toFixed(0),
            (found.processor / gigabytes).toFixed(2),
            (processor / gigabytes).toFixed(2),
          ];
    rows.push(`| ${name} | ${cells.join(' | ')} |`);
    console.log(rows.at(-1));
    rmSync(sent);
    await untilJudged(target);
    execFileSync('sync');
  }
  return rows;
}

/** Waits until the worker has nothing to do. */
async function untilJudged({ url, token }: Target): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/uploads-list`, { headers: { authorization: `Bearer ${token}` } });
    const uploads = (await answer.json()) as { file: { state: string } | null }[];
    if (uploads.every(({ file }) => file === null || !['quarantined', 'scanning'].includes(file.state))) return;
    await wait(200);
  }
}

function usageOfParts(): (readonly [string, ProcessUsage])[] {
  return [
    ['web server', usageOf(service.partPid('web'))],
    ['worker and its stages', usageOf(service.partPid('worker'))],
    ['PostgreSQL', usageOf(service.partPid('postgres'))],
  ];
}

function describeUsage(name: string, { processor, ...bytes }: ProcessUsage): string {
  const cells = [bytes.read, bytes.written, bytes.fromDisk, bytes.toDisk].map((one) => (one / size).toFixed(2));
  return `| ${name} | ${(processor / (size / 1e9)).toFixed(2)} | ${cells.join(' | ')} |`;
}

function timeCopy(): number {
  const target = join(folder, 'copy.ckpt');
  const seconds = time(() => execFileSync('cp', [path, target]));
  rmSync(target);
  execFileSync('sync');
  return seconds;
}

/** Seconds. */
function time(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

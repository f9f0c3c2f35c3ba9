// `npm run bench:uploads`: 100 uploads at once of 5 MB each over real connections, beside tusd (on PATH, or TUSD), the tus
// server for Node, and the least that a Node server can do for them, in the same run. Linux only, because of how processor time is read.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findFreePort } from '#lib/postgres/index.ts';
import { ensureBuilt } from '#scripts/build.mjs';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { runCli } from '#test/support/cli.ts';
import { startTestService } from '#test/support/service.ts';
import { waitFor } from '#test/support/wait-for.ts';
import { findProcess, residentBytes, usageOf } from './upload/process-usage.ts';
import { ratesOf, sendFiles } from './upload/send.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    megabytes: { type: 'string', default: '5' },
    record: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const bytes = Number(values.megabytes) * 1_000_000;

/** When memory that is given back after a while should be. */
const CALM_MS = 20_000;

interface MemoryOf {
  /** Before it has answered anything. */
  idle: number;
  /** With the code that answers, which the first request and the first upload load. */
  loaded: number;
  /** After the last upload. */
  busy: number;
  calm: number;
}

interface Measured {
  name: string;
  rate: number;
  p95: number;
  /** Processor seconds of the server a gigabyte. */
  processor: number;
}

/** Milliseconds that the event loop was held up. */
interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

if (process.platform !== 'linux') {
  console.log('This measurement reads processor time from /proc, which only Linux has; it is left out here.');
  process.exit(0);
}

const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse bench '));
const delayFile = join(folder, 'loop-delay.json');
let loopDelay: LoopDelay | null = null;
/** Bytes of the web process. */
let memory: MemoryOf | null = null;
try {
  const measured = [
    await measureProgram('bare write (Node, flushed)', 'bare-server.ts'),
    await measureProgram('`@tus/server` with its own store (no hashes, not flushed)', 'tus-server.ts'),
    await measureTusd(),
    ...(await measureService()),
  ].filter((row) => row !== null);
  const [bare, ...others] = measured as [Measured, ...Measured[]];
  const tusd = others.find(({ name }) => name === 'tusd');
  const row = ({ name, rate, p95, processor }: Measured) =>
    `| ${name} | ${rate.toFixed(1)} | ${p95.toFixed(2)} | ${processor.toFixed(2)} | ${(bare.rate / rate).toFixed(1)} | ${tusd === undefined ? '' : (tusd.rate / rate).toFixed(1)} |`;
  const lines = [
    `## Uploads, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${count} uploads of ${bytes / 1e6} MB at once over loopback, ${cpus().length} cores (${cpus()[0]?.model}).${tusd === undefined ? ' tusd was not at hand.' : ''}`,
    '',
    '| server | MB/s | p95 s | processor s/GB | bare is × as fast | tusd is × as fast |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...measured.map(row),
    '',
    ...describeDelay(loopDelay),
    ...describeMemory(memory),
  ].join('\n');
  console.log(`\n${lines}`);
  if (values.record) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${lines}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function describeDelay(delay: LoopDelay | null): string[] {
  if (delay === null) return [];
  const [p50, p99, max] = [delay.p50, delay.p99, delay.max].map((ms) => ms.toFixed(0));
  return [
    `The event loop of the web process was held up for ${p50} ms (median), ${p99} ms (p99), ${max} ms (longest).`,
    '',
  ];
}

function describeMemory(found: MemoryOf | null): string[] {
  if (found === null) return [];
  const { idle, loaded, busy, calm } = found;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    `It had ${mib(idle)} of memory before the first request, ${mib(loaded)} after the first upload had loaded its code,`,
    `${mib(busy)} after the last one and ${mib(calm)} ${CALM_MS / 1000} s later.`,
    '',
  ];
}

async function measureProgram(name: string, program: string): Promise<Measured> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'upload', program), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const row = await measure(name, `http://127.0.0.1:${String(port).trim()}/`, [child.pid ?? 0]);
  await end(child);
  return row;
}

async function measureTusd(): Promise<Measured | null> {
  const program = process.env.TUSD ?? 'tusd';
  if (spawnSync(program, ['-version']).error !== undefined) return null;
  const port = String(await findFreePort());
  const options = ['-host', '127.0.0.1', '-port', port, '-upload-dir', join(folder, 'tusd'), '-base-path', '/files/'];
  const child = spawn(program, options, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/files/`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await waitFor(answers, (ready) => ready);
  const row = await measure('tusd', url, [child.pid ?? 0]);
  await end(child);
  return row;
}

async function measureService(): Promise<Measured[]> {
  await ensureBuilt();
  ensureBundle();
  const admin = { WEIGHHOUSE_ADMIN_EMAIL: 'bench@example.org', WEIGHHOUSE_ADMIN_PASSWORD: 'correct horse battery' };
  const probe = pathToFileURL(join(import.meta.dirname, 'upload', 'loop-delay.ts')).href;
  const measuring = { NODE_OPTIONS: `--import=${probe}`, BENCH_LOOP_DELAY: delayFile };
  const service = await startTestService({ env: { ...admin, ...measuring } });
  try {
    const token = await runCli(['token', 'create', '--name', 'bench', '--scopes', 'read,upload'], {
      WEIGHHOUSE_HOME: service.home,
    });
    const headers = { authorization: `Bearer ${token.stdout.trim()}` };
    const url = `${service.url}/api/uploads`;
    const web = findProcess(service.pid(), 'app/server') ?? 0;
    const idle = residentBytes(web);
    // The first request loads what all others use.
    await sendFiles(url, { count: 1, bytes, headers });
    const loaded = residentBytes(web);
    const worker = findProcess(service.pid(), 'lib/worker/main') ?? 0;
    await takeDelay(web);
    const row = await measure('Weighhouse: its web process', url, [web], headers);
    loopDelay = await takeDelay(web);
    const { processor } = usageOf(worker);
    console.log(`The worker had used ${processor.toFixed(1)} s by then, for what had arrived.`);
    const busy = residentBytes(web);
    await wait(CALM_MS);
    memory = { idle, loaded, busy, calm: residentBytes(web) };
    return [row];
  } finally {
    await service.dispose();
  }
}

/** How long the event loop of the web process was held up since this was asked last. */
async function takeDelay(web: number): Promise<LoopDelay> {
  rmSync(delayFile, { force: true });
  process.kill(web, 'SIGUSR2');
  await waitFor(
    async () => existsSync(delayFile),
    (isThere) => isThere,
  );
  return JSON.parse(readFileSync(delayFile, 'utf8')) as LoopDelay;
}

async function measure(
  name: string,
  url: string,
  pids: readonly number[],
  headers?: Record<string, string>,
): Promise<Measured> {
  const used = () => pids.reduce((sum, pid) => sum + usageOf(pid).processor, 0);
  const before = used();
  const sent = await sendFiles(url, { count, bytes, ...(headers && { headers }) });
  const processor = (used() - before) / ((count * bytes) / 1e9);
  return { name, ...ratesOf(sent, count, bytes), processor };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

// `npm run bench:serve [-- --record]`: 200 concurrent ranges of a 200 MB file, in MB/s and processor seconds a GB of who sends:
// the service's sender (`lib/http`), nginx (NGINX names it where it is not on the PATH; left out where there is none), and
// nginx told by the service (`X-Accel-Redirect`). The same client, in a process of its own, asks all of them. `--record`
// appends to RESULTS.md.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '#lib/postgres/index.ts';

const ROUNDS = 10;
/** Until V8 has compiled what is asked often, as in a service that has run for a minute. */
const WARM_UP_ROUNDS = 5;
const CONNECTIONS = 200;
const SIZE = 200_000_000;
const GB = 1e9;
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-serve-'));
const TICKS = 100;

interface Measured {
  name: string;
  megabytesPerSecond: number;
  secondsPerGigabyte: number;
}

/** Processor seconds that processes and their children have taken so far. */
function processorSeconds(roots: readonly number[]): number {
  const known = new Set(roots);
  let seconds = 0;
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => a.pid - b.pid);
  for (const { pid, parent, ticks } of rows) {
    if (!known.has(pid) && !known.has(parent)) continue;
    known.add(pid);
    seconds += ticks / TICKS;
  }
  return seconds;
}

/** Measures after some rounds that fill the caches. */
async function measure(name: string, port: number, path: string, senders: readonly ChildProcess[]): Promise<Measured> {
  const roots = senders.map(({ pid }) => pid ?? 0);
  const client = (rounds: number) => {
    const args = ['bench/serve/client.ts', String(port), path, String(CONNECTIONS), String(SIZE), String(rounds)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    return Number(stdout);
  };
  client(WARM_UP_ROUNDS);
  const before = processorSeconds(roots);
  const seconds = client(ROUNDS);
  const bytes = SIZE * ROUNDS;
  return {
    name,
    megabytesPerSecond: bytes / 1e6 / seconds,
    secondsPerGigabyte: (processorSeconds(roots) - before) / (bytes / GB),
  };
}

async function startSender(port: number, sendfile: 'none' | 'x-accel-redirect'): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['bench/serve/sender.ts', String(port), String(SIZE)], {
    env: {
      ...process.env,
      WEIGHHOUSE_HOME: folder,
      WEIGHHOUSE_TRUSTED_PROXIES: 'loopback',
      WEIGHHOUSE_SENDFILE: sendfile,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  return child;
}

function findNginx(): string | null {
  const name = process.env.NGINX ?? 'nginx';
  return spawnSync(name, ['-v'], { stdio: 'ignore' }).status === 0 ? name : null;
}

/** One nginx on two ports: it sends `blobs` itself on one, and asks the sender on the other. */
async function startNginx(nginx: string, port: number, proxyPort: number, senderPort: number): Promise<ChildProcess> {
  const blobs = join(folder, 'blobs');
  const place = join(folder, 'nginx');
  mkdirSync(join(place, 'logs'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(place, 'nginx.conf'),
    `worker_processes 1; daemon off; error_log stderr; pid nginx.pid; ${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 2048; }
http {
  access_log off; sendfile on; tcp_nopush on;
  ${temporary
    .slice(0, 2)
    .map((name) => `${name}_temp_path ${name};`)
    .join(' ')}
  server { listen 127.0.0.1:${port}; location / { root ${blobs}; } location = / { return 204; } }
  server {
    listen 127.0.0.1:${proxyPort};
    location / { proxy_pass http://127.0.0.1:${senderPort}; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /weighhouse-blobs/ { internal; alias ${blobs}/; }
  }
}
`,
  );
  // nginx reads a variable of this name as the sockets of the nginx that it follows.
  const { NGINX: _, ...env } = process.env;
  const child = spawn(nginx, ['-p', `${place}/`, '-c', 'nginx.conf'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer !== null) return child;
    if (child.exitCode !== null) throw new Error('nginx did not start.');
  }
}

const children: ChildProcess[] = [];
try {
  const [own, told, plain, proxy] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const sender = await startSender(own, 'none');
  children.push(sender);
  const results = [await measure('Weighhouse', own, '/', [sender])];
  const nginx = findNginx();
  if (nginx === null) console.log('No nginx here (set NGINX to its path): nothing to compare with.');
  else {
    const teller = await startSender(told, 'x-accel-redirect');
    children.push(teller);
    const server = await startNginx(nginx, plain, proxy, told);
    children.push(server);
    const [blob = ''] = readdirSync(join(folder, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    );
    results.push(await measure('nginx', plain, `/${blob}`, [server]));
    results.push(await measure('nginx, told by Weighhouse', proxy, '/', [server, teller]));
  }
  const reference = results.find(({ name }) => name === 'nginx');
  const lines = [
    '| who sends | MB/s | × nginx | processor s a GB | × nginx |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...results.map(({ name, megabytesPerSecond: speed, secondsPerGigabyte: cost }) => {
      const times = (value: number, of: number | undefined) => (of === undefined ? '' : (value / of).toFixed(2));
      return `| ${name} | ${speed.toFixed(0)} | ${times(speed, reference?.megabytesPerSecond)} | ${cost.toFixed(2)} | ${times(cost, reference?.secondsPerGigabyte)} |`;
    }),
  ];
  console.log(`\n${lines.join('\n')}\n`);
  if (process.argv.includes('--record')) {
    const date = new Date().toISOString().slice(0, 10);
    const machine = `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)} when it ended`;
    const text = `\n## Downloads, ${date}\n\n${CONNECTIONS} concurrent ranges of a file of ${SIZE / 1e6} MB, ${ROUNDS} times. ${machine}.\n\n${lines.join('\n')}\n`;
    appendFileSync(join(import.meta.dirname, 'RESULTS.md'), text);
  }
  // At least half of nginx's speed.
  if (reference !== undefined && (results[0]?.megabytesPerSecond ?? 0) < reference.megabytesPerSecond / 2)
    process.exitCode = 1;
} finally {
  for (const child of children) {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { launchBrowser } from '#test/browser/support/chromium.ts';
import { findProcess, type ProcessUsage, usageBetween, usageOf } from '../upload/process-usage.ts';

const CLI = join(import.meta.dirname, '../../bin/weighhouse.mjs');
const TUS = { 'tus-resumable': '1.0.0' };
/** How often it is asked whether an upload has arrived. */
const POLL_MS = 20;

/** A catalog, and who may send to it. */
export interface Target {
  url: string;
  token: string;
  email: string;
  password: string;
}

export interface Sending {
  /** Until the catalog says that the file is stored, whole and hashed. */
  seconds: number;
  /** Processor seconds of the program that sends. */
  processor: number;
}

type Sender = (path: string, target: Target) => Promise<Sending | string>;

/** Programs that send a file. A text says why one cannot. */
export const SENDERS: Record<string, Sender> = {
  curl: sendByCurl,
  '`weighhouse upload`': sendByCommand,
  'the page (Chromium)': sendByPage,
};

/** Makes another file of a checkpoint: one that is sent as a new one, and scanned in no time. */
export function makeUnreadable(path: string): void {
  const file = openSync(path, 'r+');
  const { size } = statSync(path);
  writeSync(file, randomBytes(64), 0, 64, 0);
  // A zip file begins at its end.
  writeSync(file, randomBytes(64), 0, 64, size - 64);
  closeSync(file);
}

async function sendByCurl(path: string, { url, token }: Target): Promise<Sending | string> {
  if (spawnSync('curl', ['--version']).error !== undefined) return 'curl was not at hand';
  const headers = { authorization: `Bearer ${token}`, ...TUS };
  const began = performance.now();
  const created = await fetch(`${url}/api/uploads`, {
    method: 'POST',
    headers: {
      ...headers,
      'upload-length': String(statSync(path).size),
      'upload-metadata': `filename ${Buffer.from(basename(path)).toString('base64')}`,
    },
  });
  const location = created.headers.get('location');
  if (location === null) throw new Error(`The upload was not created: ${await created.text()}`);
  const given = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', expect: '' };
  const options = Object.entries(given).flatMap(([name, value]) => ['-H', `${name}: ${value}`.trim()]);
  const address = new URL(location, url).href;
  const processor = await run('curl', ['-sS', '--fail-with-body', '-X', 'PATCH', ...options, '-T', path, address]);
  return { seconds: (performance.now() - began) / 1000, processor };
}

async function sendByCommand(path: string, { url, token }: Target): Promise<Sending> {
  const began = performance.now();
  const processor = await run(process.execPath, [CLI, 'upload', path, '--server', url, '--token', token]);
  return { seconds: (performance.now() - began) / 1000, processor };
}

async function sendByPage(path: string, target: Target): Promise<Sending | string> {
  const { browser, reason } = await launchBrowser();
  if (browser === null) return reason;
  try {
    const context = await browser.newContext({ baseURL: target.url });
    const { email, password } = target;
    const signedIn = await context.request.post('/api/auth/sign-in/email', {
      data: { email, password },
      headers: { origin: target.url },
    });
    if (!signedIn.ok()) throw new Error(`The browser could not sign in: ${await signedIn.text()}`);
    const page = await context.newPage();
    await page.goto('/upload');
    const before = usageOfBrowser();
    const began = performance.now();
    await page.getByTestId('file-input').setInputFiles(path);
    await waitUntilStored(basename(path), target);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, processor: usageBetween(before, usageOfBrowser()).processor };
  } finally {
    await browser.close();
  }
}

/** Of all its processes, which this one has started. */
function usageOfBrowser(): ProcessUsage {
  return usageOf(findProcess(process.pid, '--remote-debugging-pipe') ?? 0);
}

async function waitUntilStored(filename: string, { url, token }: Target): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/api/uploads-list`, { headers: { authorization: `Bearer ${token}` } });
    const uploads = (await answer.json()) as { filename: string; state: string }[];
    if (uploads.some((one) => one.filename === filename && one.state === 'stored')) return;
    await wait(POLL_MS);
  }
}

/** Runs a program to its end. Returns the processor seconds it took. */
async function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn('sh', ['-c', '"$0" "$@" > /dev/null; code=$?; times; exit $code', command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return secondsIn(output.trim().split('\n').at(-1) ?? '');
}

/** What the shell's `times` says of its children, user and system: `0m1.25s 0m0.50s`. */
function secondsIn(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
}

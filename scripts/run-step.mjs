// Runs what takes long while something is set up, and shows that it goes on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const SILENCE_MS = 10_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end. Its title, its output and how long it has taken go to standard error, whose reader hears
 * something at least every ten seconds. Whoever tells this process to stop stops the program as well.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & {
 *   terminal?: boolean, shows?: (line: string) => boolean, silence?: number
 * }} [options] `terminal`: the program shows its own progress where it has a terminal; `shows`: which lines of its
 *   output are shown
 * @returns {Promise<{ status: number | null, output: string }>} `output` is all it said, but what a terminal took
 */
export async function runStep(title, command, args, options = {}) {
  const { terminal = false, shows = () => true, silence = SILENCE_MS, ...rest } = options;
  const inherits = terminal && process.stderr.isTTY === true;
  const startedAt = Date.now();
  console.error(`${title}…`);

  const child = spawn(command, args, { ...rest, stdio: inherits ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  let lastAt = Date.now();
  const beat = setInterval(
    () => {
      if (inherits || Date.now() - lastAt < silence) return;
      lastAt = Date.now();
      console.error(`  still running after ${secondsSince(startedAt)}`);
    },
    Math.min(silence, 1000),
  );

  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    const take = (/** @type {string} */ line) => {
      lines.push(line);
      if (!shows(line)) return;
      lastAt = Date.now();
      console.error(line === '' ? '' : `  ${line}`);
    };
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const parts = (rest + text).split(/\r?\n/);
      rest = parts.pop() ?? '';
      for (const line of parts) take(line);
    });
    stream?.on('end', () => {
      if (rest !== '') take(rest);
    });
  }

  /** @type {NodeJS.Signals | null} */
  let received = null;
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    received ??= signal;
    child.kill('SIGTERM');
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  // As when nobody reads what is said any more.
  const stopAtExit = () => child.kill('SIGTERM');
  process.on('exit', stopAtExit);
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve(null);
    });
    child.once('close', resolve);
  });
  for (const signal of SIGNALS) process.off(signal, stop);
  process.off('exit', stopAtExit);
  clearInterval(beat);
  if (received !== null) process.exit(128 + constants.signals[received]);

  if (status === 0) console.error(`  done in ${secondsSince(startedAt)}`);
  return { status, output: lines.join('\n') };
}

function secondsSince(/** @type {number} */ time) {
  return `${Math.round((Date.now() - time) / 1000)} s`;
}

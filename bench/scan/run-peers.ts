import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'peers.py');
const MAX_ANSWER = 64 * 1024 * 1024;

export interface PeerAnswer {
  /** `clean`, `suspicious`, `dangerous`, `error`, `too slow` or `not scanned`, in our words for theirs. */
  verdict: string;
  seconds: number;
}

/** A Python that has other scanners: `WEIGHHOUSE_PEERS`, or `python3`. Their versions by name, empty where there are none. */
export function findPeers(): { python: string; versions: Record<string, string> } {
  const python = process.env.WEIGHHOUSE_PEERS ?? 'python3';
  const { status, stdout } = spawnSync(python, [SCRIPT, 'list'], { encoding: 'utf8' });
  return { python, versions: status === 0 ? (JSON.parse(stdout) as Record<string, string>) : {} };
}

/**
 * One scanner on these files, each timed inside its own process; its start is not counted. A file that takes longer than
 * `seconds`, or breaks the process down, costs it that process and is `too slow` or `error`.
 */
export function runPeer(python: string, name: string, paths: readonly string[], seconds: number): PeerAnswer[] {
  const answers: PeerAnswer[] = [];
  while (answers.length < paths.length) {
    const { stdout, stderr } = spawnSync(python, [SCRIPT, name, String(seconds)], {
      input: paths
        .slice(answers.length)
        .map((path) => `${path}\n`)
        .join(''),
      encoding: 'utf8',
      maxBuffer: MAX_ANSWER,
    });
    for (const line of stdout.split('\n').slice(0, -1)) answers.push(JSON.parse(line) as PeerAnswer);
    if (answers.length < paths.length) {
      answers.push({ verdict: stderr.includes('Timeout') ? 'too slow' : 'error', seconds });
    }
  }
  return answers;
}

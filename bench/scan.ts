// `npm run bench:scan`: the scanner on the corpus, on 1 000 models of mixed size and on checkpoints of 2 and 7 GB, and
// every other scanner that the Python in WEIGHHOUSE_PEERS (or python3) has, on the same files in the same run.
// `--record` appends the figures to RESULTS.md and writes docs/COMPARISON.md; `--comparison` writes that page and measures
// nothing, so that it can be had on a machine that is busy.
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeCheckpoint } from '#lib/demo/index.ts';
import { openFileSource, scan, type Verdict } from '#scanner/index.ts';
import { corpusFiles } from '#test/fixtures/corpus.ts';
import { type Compared, comparisonPage } from './scan/comparison-page.ts';
import { countReads } from './scan/count-reads.ts';
import { writeCorpus, writeMixed } from './scan/files.ts';
import { findPeers, type PeerAnswer, runPeer } from './scan/run-peers.ts';

const MIXED_FILES = 1000;
/** Others take seconds for one: they get fewer. */
const MIXED_WITH_PEERS = 60;
/** A scanner that takes longer for a file is given up on it. */
const SECONDS_FOR_SMALL = 3;
const SECONDS_FOR_LARGE = 60;
/** Where nothing is measured, a slow answer is an answer. */
const SECONDS_FOR_ANSWER = 10;
/** Cases made for resource exhaustion say nothing of its throughput. */
const BOMBS = /^(E|D21)/;
const { python, versions } = findPeers();
const peers = Object.keys(versions);
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-scan-'));

interface Ours {
  verdict: Verdict;
  seconds: number;
  bytesRead: number;
}

function scanFile(path: string): Ours {
  const began = performance.now();
  using file = openFileSource(path);
  const source = countReads(file);
  const { verdict } = scan(source, { name: basename(path) });
  return { verdict, seconds: (performance.now() - began) / 1000, bytesRead: source.bytesRead };
}

const sum = (all: readonly { seconds: number }[]) => all.reduce((total, { seconds }) => total + seconds, 0);

/** Files a second, and how many times as long each peer takes. */
function throughputRow(
  what: string,
  files: number,
  megabytes: number,
  ours: number,
  theirs: readonly number[],
): string {
  const cells = theirs.map((seconds) => `${seconds.toFixed(2)} s (× ${(seconds / ours).toFixed(1)})`);
  return `| ${[what, files, megabytes.toFixed(1), `${ours.toFixed(3)} s`, (files / ours).toFixed(0), ...cells].join(' | ')} |`;
}

/** What each scanner says of each case, and where they differ from ours. */
function compare(
  corpus: readonly { id: string }[],
  ours: readonly Ours[],
  theirs: readonly PeerAnswer[][],
): Compared[] {
  const expected = new Map(corpusFiles().map(({ id, expected: verdict }) => [id, verdict]));
  const compared = corpus.map(({ id }, index) => ({
    id,
    ours: ours[index]?.verdict ?? 'incomplete',
    expected: expected.get(id) ?? 'incomplete',
    theirs: theirs.map((answers) => answers[index]?.verdict ?? 'error'),
  }));
  for (const { id, ours: verdict, theirs: others } of compared) {
    const differing = peers.filter((_, index) => (others[index] === 'clean') !== (verdict === 'clean'));
    if (differing.length > 0) {
      console.log(
        `${id}: ours ${verdict}; ${differing.map((name) => `${name} ${others[peers.indexOf(name)]}`).join(', ')}`,
      );
    }
  }
  return compared;
}

function writePage(compared: readonly Compared[]): void {
  writeFileSync(join(import.meta.dirname, '../docs/COMPARISON.md'), comparisonPage(compared, versions));
}

function measureAll(corpus: readonly { id: string; path: string }[]): void {
  const corpusPaths = corpus.map(({ path }) => path);
  const megabytesOf = (paths: readonly string[]) => paths.reduce((total, path) => total + statSync(path).size, 0) / 1e6;
  for (const path of corpusPaths.slice(0, 100)) scanFile(path);

  const rows: string[] = [];
  const measure = (what: string, paths: readonly string[], untimed: ReadonlySet<string> = new Set()) => {
    const ours = paths.map(scanFile);
    const theirs = peers.map((name): PeerAnswer[] => runPeer(python, name, paths, SECONDS_FOR_SMALL));
    const timed = paths.filter((path) => !untimed.has(path));
    const secondsOf = (all: readonly { seconds: number }[]) =>
      sum(all.filter((_, at) => !untimed.has(paths[at] ?? '')));
    rows.push(throughputRow(what, timed.length, megabytesOf(timed), secondsOf(ours), theirs.map(secondsOf)));
    console.log(rows.at(-1));
    return { ours, theirs };
  };

  const bombs = new Set(corpus.filter(({ id }) => BOMBS.test(id)).map(({ path }) => path));
  const onCorpus = measure('corpus without resource exhaustion files', corpusPaths, bombs);
  const mixed = writeMixed(join(folder, 'mixed'), MIXED_FILES);
  const began = performance.now();
  for (const path of mixed.paths) scanFile(path);
  const seconds = (performance.now() - began) / 1000;
  const alone = `${MIXED_FILES} models of 1 kB to 4 MB, ${(mixed.bytes / 1e6).toFixed(0)} MB: ${seconds.toFixed(2)} s, ${(MIXED_FILES / seconds).toFixed(0)} files/s.`;
  console.log(alone);
  measure('some of these models', mixed.paths.slice(0, MIXED_WITH_PEERS));
  rmSync(join(folder, 'mixed'), { recursive: true });

  const large: string[] = [];
  for (const kind of ['sd1', 'sdxl'] as const) {
    const path = join(folder, `${kind}.ckpt`);
    writeCheckpoint(path, kind, { size: 'full' });
    scanFile(path);
    const ours = scanFile(path);
    const theirs = peers.map((name) => runPeer(python, name, [path], SECONDS_FOR_LARGE)[0]);
    const gigabytes = (statSync(path).size / 1e9).toFixed(2);
    const cells = theirs.map((answer) => `${answer?.seconds.toFixed(2)} s, ${answer?.verdict}`);
    large.push(
      `| ${[`${kind}.ckpt`, gigabytes, `${(ours.seconds * 1000).toFixed(1)} ms, ${ours.verdict}`, ours.bytesRead.toLocaleString('en'), ...cells].join(' | ')} |`,
    );
    console.log(large.at(-1));
    rmSync(path);
  }

  const head = (cells: readonly string[]) => [
    `| ${cells.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(cells.length - 1)}`,
  ];
  const results = [
    `## Scan, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model}), page cache warm, each scanner in one process, start-up not counted.`,
    `Beside: ${peers.map((name) => `${name} ${versions[name]}`).join(', ') || 'no other scanner'}.`,
    '',
    ...head(['what', 'files', 'MB', 'ours', 'files/s', ...peers]),
    ...rows,
    '',
    alone,
    '',
    ...head(['checkpoint', 'GB', 'ours', 'bytes read', ...peers]),
    ...large,
    '',
  ].join('\n');
  console.log(`\n${results}`);

  const compared = compare(corpus, onCorpus.ours, onCorpus.theirs);
  if (process.argv.includes('--record')) {
    appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);
    if (peers.length > 0) writePage(compared);
  }
}

try {
  console.log(peers.length > 0 ? `Beside ${JSON.stringify(versions)}` : 'No other scanner is installed here.');
  const corpus = writeCorpus(join(folder, 'corpus'));
  if (process.argv.includes('--comparison')) {
    const paths = corpus.map(({ path }) => path);
    const theirs = peers.map((name) => runPeer(python, name, paths, SECONDS_FOR_ANSWER));
    writePage(compare(corpus, paths.map(scanFile), theirs));
  } else measureAll(corpus);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

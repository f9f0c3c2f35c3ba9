// `npm run bench:convert`: `weighhouse convert` on checkpoints of 2 and 7 GB beside `cp` and `sha256sum` of the same file
// and, where WEIGHHOUSE_PYTHON (or python3) has torch, beside loading it there and saving it again; and the library on
// 10 000 small LoRA files beside `cp -r`. Needs 22 GB in BENCH_FOLDER. `--record` appends the figures to RESULTS.md;
// `sd1`, `sdxl` or `small` among the arguments measures that alone.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeCheckpoint, writeLora } from '#lib/demo/index.ts';
import { convertToSafetensors, verifyConversion } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/index.ts';
import { PeakMemory } from './peak-memory.ts';

const SMALL_FILES = 10_000;
const MIB = 1024 * 1024;
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-convert-'));
const at = (name: string) => join(folder, name);
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);

interface Run {
  what: string;
  seconds: number;
  /** Seconds of processor time of all its threads: what other work on the machine changes least. */
  processor: number;
  /** Bytes. */
  peak: number;
}

/** One process from start to end, with its peak of resident memory. What others wrote is on the disk before it starts. */
async function run(what: string, command: string, args: readonly string[]): Promise<Run> {
  spawnSync('sync');
  const began = performance.now();
  const timed = ['-c', '"$0" "$@" > /dev/null; code=$?; times; exit $code', command, ...args];
  const child = spawn('sh', timed, { stdio: ['ignore', 'pipe', 'inherit'] });
  const memory = new PeakMemory(child.pid ?? 0, [[what, '']]);
  const [times, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('exit', resolve))]);
  const seconds = (performance.now() - began) / 1000;
  const peak = memory.stop().get(what) ?? 0;
  const processor = secondsIn(times.trim().split('\n').at(-1) ?? '');
  console.log(`${what}: ${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processor`);
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
  return { what, seconds, processor, peak };
}

/** What the shell's `times` says of its children, user and system: `0m1.25s 0m0.50s`. */
function secondsIn(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
}

async function measureCheckpoint(kind: 'sd1' | 'sdxl'): Promise<string[]> {
  const source = at(`${kind}.ckpt`);
  writeCheckpoint(source, kind, { size: 'full' });
  const megabytes = statSync(source).size / 1e6;
  // Once before anything counts, so that all find as much of it in memory as there is room for, and room for a copy.
  spawnSync('cp', [source, at('copy')]);
  rmSync(at('copy'));

  const copy = await run('`cp`', 'cp', [source, at('copy')]);
  rmSync(at('copy'));
  const flushed = await run('`cp` and `sync` of the copy', 'sh', [
    '-c',
    'cp "$0" "$1" && sync "$1"',
    source,
    at('copy'),
  ]);
  rmSync(at('copy'));
  const hashed = await run('`sha256sum`', 'sha256sum', [source]);
  const both = await run('`cp` and `sync` of the copy, `sha256sum` meanwhile', 'sh', [
    '-c',
    'sha256sum "$0" & cp "$0" "$1" && sync "$1"; wait',
    source,
    at('copy'),
  ]);
  rmSync(at('copy'));
  const cli = join(import.meta.dirname, '../lib/cli/main.ts');
  const ours = await run(
    '**`weighhouse convert`**: scanned, written, flushed, compared, all hashes',
    process.execPath,
    [cli, 'convert', source, at('out.safetensors')],
  );
  rmSync(at('out.safetensors'));
  const half = await run('`weighhouse convert --dtype bf16`', process.execPath, [
    cli,
    'convert',
    source,
    at('out.safetensors'),
    '--dtype',
    'bf16',
  ]);
  rmSync(at('out.safetensors'));
  const runs = [copy, flushed, hashed, both, ours, half];
  // The SD 1 checkpoint names a class of its trainer, which torch does not load where that is not installed.
  if (python !== undefined && kind === 'sdxl') {
    const program =
      'import sys, torch; torch.save(torch.load(sys.argv[1], weights_only=True, mmap=False), sys.argv[2])';
    runs.push(await run('`torch.load` and `torch.save`', python, ['-c', program, source, at('again.ckpt')]));
    rmSync(at('again.ckpt'));
  }
  rmSync(source);
  return runs.map(({ what, seconds, processor, peak }) => {
    const ratios = [copy, flushed, hashed, both].map((other) => seconds / other.seconds);
    const cells = [
      seconds.toFixed(2),
      processor.toFixed(2),
      (megabytes / seconds).toFixed(0),
      ...ratios.map((ratio) => ratio.toFixed(2)),
    ];
    return `| ${kind}, ${(megabytes / 1000).toFixed(2)} GB | ${what} | ${cells.join(' | ')} | ${(peak / MIB).toFixed(0)} |`;
  });
}

/** Small files, in this process: what a program that converts a whole collection sees. */
async function measureSmall(): Promise<string> {
  mkdirSync(at('loras'));
  mkdirSync(at('converted'));
  writeLora(at('loras/0.safetensors'), 'lora-sd1', 'bench');
  for (let i = 1; i < SMALL_FILES; i += 1) copyFileSync(at('loras/0.safetensors'), at(`loras/${i}.safetensors`));
  const names = readdirSync(at('loras'));
  const bytes = names.reduce((sum, name) => sum + statSync(join(at('loras'), name)).size, 0);
  const copy = await run('cp', 'cp', ['-r', at('loras'), at('copied')]);
  const began = performance.now();
  let tensors = 0;
  for (const name of names) {
    using source = openFileSource(join(at('loras'), name));
    const target = join(at('converted'), name);
    await convertToSafetensors(source, target, { dtype: 'BF16' });
    tensors += (await verifyConversion(source, target, { dtype: 'BF16' })).tensors;
  }
  const seconds = (performance.now() - began) / 1000;
  return (
    `${SMALL_FILES} LoRA files of ${(bytes / names.length / 1000).toFixed(0)} kB, each cast to bf16, flushed and compared: ` +
    `${seconds.toFixed(1)} s, ${(SMALL_FILES / seconds).toFixed(0)} files/s, ${tensors} tensors; \`cp -r\` of them (not flushed): ${copy.seconds.toFixed(1)} s.`
  );
}

try {
  const rows: string[] = [];
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  for (const kind of (['sd1', 'sdxl'] as const).filter(isWanted)) {
    for (const row of await measureCheckpoint(kind)) {
      rows.push(row);
      console.log(row);
    }
  }
  const small = isWanted('small') ? [await measureSmall(), ''] : [];
  const results = [
    `## Convert, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB of memory.`,
    '',
    '| file | what | s | processor s | MB/s | × `cp` | × `cp`, flushed | × `sha256sum` | × both at once | peak MiB |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    ...small,
  ].join('\n');
  console.log(`\n${results}`);
  if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

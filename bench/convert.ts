// `npm run bench:convert`: `weighhouse convert` and `weighhouse hash` on checkpoints of 2 and 7 GB beside `cp` and one
// `openssl dgst -sha256` of the same file in the same run, by time, processor, bytes read and written, and memory; where
// WEIGHHOUSE_PYTHON (or python3) has torch, beside loading it there and saving it again; and the library on 10 000 small LoRA
// files beside `cp -r`. Needs 22 GB in BENCH_FOLDER. `sd1`, `sdxl` or `small` among the arguments measures that alone,
// `--runs N` takes the best of N runs of each (3 unless given), `--record` appends the figures to RESULTS.md.
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeCheckpoint, writeLora } from '#lib/demo/index.ts';
import { convertToSafetensors, verifyConversion } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/index.ts';
import { ensureBundle } from '#scripts/ensure-bundle.mjs';
import { bestOf, type MeasuredRun, measureRun } from './measured-run.ts';

const SMALL_FILES = 10_000;
const MIB = 1024 * 1024;
const KINDS = ['sd1', 'sdxl'] as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, record: { type: 'boolean', default: false } },
});
const runs = Math.max(1, Number(values.runs));
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'weighhouse-convert-'));
const at = (name: string) => join(folder, name);
const weighhouse = join(import.meta.dirname, '../bin/weighhouse.mjs');
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);

async function measureCheckpoint(kind: (typeof KINDS)[number]): Promise<string[]> {
  const source = at(`${kind}.ckpt`);
  writeCheckpoint(source, kind, { size: 'full' });
  const bytes = statSync(source).size;
  // Once before anything counts, so that all find as much of it in memory as there is room for, and room for a copy.
  spawnSync('cp', [source, at('copy')]);
  rmSync(at('copy'));

  const measure = async (what: string, command: string, args: readonly string[], output?: string) =>
    await bestOf(runs, async () => {
      const run = await measureRun(what, command, args);
      if (output !== undefined) rmSync(output);
      return run;
    });
  const ours = (what: string, args: readonly string[], output?: string) =>
    measure(what, process.execPath, [weighhouse, ...args], output);

  const copy = await measure('`cp`', 'cp', [source, at('copy')], at('copy'));
  const flushed = await measure(
    '`cp` and `sync` of the copy',
    'sh',
    ['-c', 'cp "$0" "$1" && sync "$1"', source, at('copy')],
    at('copy'),
  );
  const hashed = await measure('`openssl dgst -sha256`', 'openssl', ['dgst', '-sha256', source]);
  const out = at('out.safetensors');
  const all = [
    copy,
    flushed,
    hashed,
    await ours('**`weighhouse hash`**: six digests', ['hash', source]),
    await ours(
      '**`weighhouse convert`**: scanned, written, flushed, verified, all hashes',
      ['convert', source, out],
      out,
    ),
    await ours('`weighhouse convert --dtype bf16`', ['convert', source, out, '--dtype', 'bf16'], out),
  ];
  // The SD 1 checkpoint names a class of its trainer, which torch does not load where that is not installed.
  if (python !== undefined && kind === 'sdxl') {
    const program =
      'import sys, torch; torch.save(torch.load(sys.argv[1], weights_only=True, mmap=False), sys.argv[2])';
    const again = at('again.ckpt');
    all.push(await measure('`torch.load` and `torch.save`', python, ['-c', program, source, again], again));
  }
  rmSync(source);
  return all.map((run) => rowOf(`${kind}, ${(bytes / 1e9).toFixed(2)} GB`, bytes, run, { copy, hashed }));
}

function rowOf(
  file: string,
  bytes: number,
  { what, seconds, processor, read, written, peak }: MeasuredRun,
  { copy, hashed }: { copy: MeasuredRun; hashed: MeasuredRun },
): string {
  const numbers = [
    seconds,
    processor,
    processor / (bytes / 1e9),
    seconds / copy.seconds,
    seconds / hashed.seconds,
    processor / hashed.processor,
    read / bytes,
    written / bytes,
  ];
  return `| ${file} | ${what} | ${numbers.map((n) => n.toFixed(2)).join(' | ')} | ${(peak / MIB).toFixed(0)} |`;
}

/** Small files, in this process: what a program that converts a whole collection sees. */
async function measureSmall(): Promise<string> {
  mkdirSync(at('loras'));
  mkdirSync(at('converted'));
  writeLora(at('loras/0.safetensors'), 'lora-sd1', 'bench');
  for (let i = 1; i < SMALL_FILES; i += 1) copyFileSync(at('loras/0.safetensors'), at(`loras/${i}.safetensors`));
  const names = readdirSync(at('loras'));
  const bytes = names.reduce((sum, name) => sum + statSync(join(at('loras'), name)).size, 0);
  const copy = await measureRun('cp', 'cp', ['-r', at('loras'), at('copied')]);
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
  ensureBundle();
  const rows: string[] = [];
  const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  for (const kind of KINDS.filter(isWanted)) {
    for (const row of await measureCheckpoint(kind)) {
      rows.push(row);
      console.log(row);
    }
  }
  const small = isWanted('small') ? [await measureSmall(), ''] : [];
  const results = [
    `## Convert and hash, ${new Date().toISOString().slice(0, 10)}`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB of memory; best of ${runs}.`,
    '',
    'Bytes read and written are those of `/proc/PID/io` (`rchar`, `wchar`), as shares of the file.',
    '',
    '| file | what | s | processor s | processor s/GB | × `cp` | × `openssl` | × its processor | read | written | peak MiB |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    ...small,
  ].join('\n');
  console.log(`\n${results}`);
  if (values.record) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

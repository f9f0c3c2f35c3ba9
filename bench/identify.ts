/**
 * How many headers a second are identified on one core: `npm run bench:identify`. Every layout at full size, as sparse
 * files with the real header. Beside it what V8 takes to parse the same headers as JSON and, where WEIGHHOUSE_PYTHON (or
 * python3) has safetensors, what the library of the format takes to open the file and list its tensors.
 * Then every network of the templates beside ComfyUI's own detection and spandrel, where that Python has them
 * (identify/beside.ts). `--record` appends the tables to RESULTS.md.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullLayout, LAYOUT_KINDS } from '#lib/demo/index.ts';
import { identify } from '#scanner/identify/index.ts';
import { openFileSource } from '#scanner/index.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { compareWithPeers } from './identify/beside.ts';

const SECONDS = 2;
const python = [process.env.WEIGHHOUSE_PYTHON ?? [], 'python3']
  .flat()
  .find((name) => spawnSync(name, ['-c', 'import safetensors, numpy'], { stdio: 'ignore' }).status === 0);
const PEER = `
import sys, time
from safetensors import safe_open
def run():
    with safe_open(sys.argv[1], 'np') as file: file.keys()
for _ in range(20): run()
start, runs = time.process_time(), 0
while time.process_time() - start < ${SECONDS}:
    run(); runs += 1
print(runs / (time.process_time() - start))
`;

/** All layouts at full size, and the attention of SDXL alone, which most of its LoRAs change. */
const LAYOUTS: readonly (readonly [name: string, tensors: ReturnType<typeof fullLayout>])[] = [
  ...LAYOUT_KINDS.map((kind) => [kind, fullLayout(kind)] as const),
  ['lora-sdxl, 192 layers', fullLayout('lora-sdxl').slice(0, 576)],
];

/** A file with the header of a whole model and nothing but holes behind it. Returns the header. */
function writeSparse(path: string, layout: ReturnType<typeof fullLayout>): string {
  let offset = 0;
  const entries = layout.map(({ name, shape }) => {
    const begin = offset;
    offset += 2 * shape.reduce((product, size) => product * size, 1);
    return [name, { dtype: 'F16', shape, data_offsets: [begin, offset] }];
  });
  const header = JSON.stringify(Object.fromEntries(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header)]));
  truncateSync(path, 8 + header.length + offset);
  return header;
}

/** Runs of `work` in a second of processor time, after a warm-up: other programs on the machine do not count. */
function rate(work: () => unknown): number {
  for (let i = 0; i < 50; i += 1) work();
  const start = process.cpuUsage();
  let runs = 0;
  let seconds = 0;
  while (seconds < SECONDS) {
    for (let i = 0; i < 10; i += 1) work();
    runs += 10;
    const { user, system } = process.cpuUsage(start);
    seconds = (user + system) / 1e6;
  }
  return runs / seconds;
}

function ratePeer(path: string): number | null {
  if (python === undefined) return null;
  return Number(spawnSync(python, ['-c', PEER, path], { encoding: 'utf8' }).stdout);
}

const lines = [
  '| layout | tensors | identified a second, the table read before | read, checked and identified a second | parsed as JSON a second | opened by the safetensors library a second | × JSON | × library |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-identify-'));
try {
  for (const [kind, layout] of LAYOUTS) {
    const path = join(folder, 'model.safetensors');
    const header = writeSparse(path, layout);
    using source = openFileSource(path);
    const table = readTensorTable(source);
    const identified = rate(() => identify(table));
    const whole = rate(() => identify(readTensorTable(source)));
    const parsed = rate(() => JSON.parse(header));
    const peer = ratePeer(path);
    const figures = [table.tensors.length, identified, whole, parsed].map(Math.round);
    const ratio = (other: number | null) => (other === null ? '' : (whole / other).toFixed(1));
    const cells = [...figures, peer === null ? '' : Math.round(peer), ratio(parsed), ratio(peer)];
    lines.push(`| ${kind} | ${cells.join(' | ')} |`);
    console.log(lines.at(-1));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const title = `## Identify, ${new Date().toISOString().slice(0, 10)}\n\nOne core of ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.version}.`;
const beside = compareWithPeers(python);
const results = `${title}\n\n${lines.join('\n')}\n\n${beside.join('\n')}\n`;
console.log(`\n${results}`);
if (process.argv.includes('--record')) appendFileSync(join(import.meta.dirname, 'RESULTS.md'), `\n${results}`);

/**
 * How many headers a second are identified on one core: `npm run bench:identify`. Every layout of full size, as a table
 * of tensors; beside it what V8 takes to parse the same headers as JSON, which reading them costs at the least.
 */
import { cpus } from 'node:os';
import { fullLayout, LAYOUT_KINDS } from '../lib/demo/index.ts';
import { identify } from '../scanner/identify/index.ts';
import type { TensorTable } from '../scanner/tensors/index.ts';
import { rowMajorStride } from '../scanner/tensors/index.ts';

const SECONDS = 2;

function tableOf(kind: (typeof LAYOUT_KINDS)[number]): TensorTable {
  const tensors = fullLayout(kind).map(({ name, shape }) => ({
    name,
    dtype: 'F16' as const,
    shape: [...shape],
    storage: {
      start: 0,
      elements: shape.reduce((product, size) => product * size, 1),
      offset: 0,
      stride: rowMajorStride([...shape]),
    },
  }));
  return { tensors, nonTensors: [], refused: [], metadata: new Map(), pickle: null };
}

function headerOf({ tensors }: TensorTable): string {
  const entries = tensors.map(({ name, dtype, shape }) => [name, { dtype, shape, data_offsets: [0, 0] }]);
  return JSON.stringify(Object.fromEntries(entries));
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

console.log(`One core of ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.version}.\n`);
console.log('| layout | tensors | headers/s identified | headers/s parsed as JSON | ratio |');
console.log('| --- | ---: | ---: | ---: | ---: |');
for (const kind of LAYOUT_KINDS) {
  const table = tableOf(kind);
  const header = headerOf(table);
  const identified = rate(() => identify(table));
  const parsed = rate(() => JSON.parse(header));
  const figures = [table.tensors.length, Math.round(identified), Math.round(parsed), (identified / parsed).toFixed(1)];
  console.log(`| ${kind} | ${figures.join(' | ')} |`);
}

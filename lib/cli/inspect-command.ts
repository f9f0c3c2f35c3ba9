import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { identify } from '#scanner/identify/index.ts';
import { type FileSource, openFileSource } from '#scanner/index.ts';
import { findBrokenNumbers, measureTensors, type TensorStatistics } from '#scanner/statistics/index.ts';
import { readTensorTable, readTensorValues, type TensorTable } from '#scanner/tensors/index.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { type Format, formatOption, printJson } from './format-option.ts';
import { describeModel, type InspectedModel } from './inspect-text.ts';
import { explain, listFiles } from './list-files.ts';
import { showProgress } from './progress.ts';
import { plain } from './terminal-text.ts';

interface Options {
  format: Format;
  depth: number;
  filter?: string;
  stats: boolean;
}

/** The exit status where numbers of a model are broken. */
const EXIT_BROKEN = 1;

export function inspectCommand(): Command {
  return new Command('inspect')
    .argument('<path...>', 'files or folders')
    .option('--depth <levels>', 'levels of the tree to show; 0 shows all', parseDepth, 2)
    .option('--filter <text>', 'show only tensors whose name contains this text, as a list')
    .option('--stats', 'compute tensor statistics: min, max, mean, standard deviation, NaN and infinite values', false)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Exit status: 0 success, 1 --stats found NaN or infinite values, 2 a file cannot be read.

  weighhouse inspect model.safetensors
  weighhouse inspect model.ckpt --filter attn2 --stats`,
    )
    .action(inspectFiles);
}

function parseDepth(text: string): number {
  const depth = Number(text);
  if (!Number.isInteger(depth) || depth < 0) throw new InvalidArgumentError('Use a whole number, 0 or more.');
  return depth === 0 ? Number.POSITIVE_INFINITY : depth;
}

async function inspectFiles(paths: string[], options: Options): Promise<void> {
  const files: object[] = [];
  for (const { path, problem } of listFiles(paths)) {
    const model = problem === null ? await inspectOne(path, options) : { path, error: problem };
    if ('error' in model) process.exitCode = EXIT_FAILED;
    else if (model.problems.length > 0) process.exitCode ??= EXIT_BROKEN;

    if (options.format === 'json') files.push('error' in model ? model : toJson(model));
    else if ('error' in model) console.log(`${plain(path)}\n  cannot be read: ${plain(model.error)}\n`);
    else console.log(describeModel(model, options.filter === undefined ? options.depth : null));
  }
  if (options.format === 'json') printJson({ files });
}

async function inspectOne(path: string, options: Options): Promise<InspectedModel | { path: string; error: string }> {
  try {
    using source = openFileSource(path);
    return await inspectSource(path, source, options);
  } catch (error) {
    return { path, error: explain(error) };
  }
}

async function inspectSource(path: string, source: FileSource, options: Options): Promise<InspectedModel> {
  const table = readTensorTable(source);
  const byName = new Map(table.tensors.map((tensor) => [tensor.name, tensor]));
  const readTensor = (name: string) => {
    const tensor = byName.get(name);
    return tensor === undefined ? null : readTensorValues(source, tensor);
  };
  const words = options.filter?.toLowerCase() ?? '';
  const tensors = table.tensors.filter(({ name }) => name.toLowerCase().includes(words));
  const statistics = options.stats ? await measure(path, source, { ...table, tensors }) : [];
  return {
    path,
    identity: identify(table, { readTensor, filename: basename(path) }),
    metadata: Object.fromEntries(table.metadata),
    nonTensors: table.nonTensors,
    tensors,
    statistics: new Map(statistics.map((one) => [one.name, one])),
    problems: [
      ...table.refused.map(({ name, reason }) => `${name} cannot be read: ${reason}`),
      ...findBrokenNumbers(statistics),
    ],
  };
}

async function measure(path: string, source: FileSource, table: TensorTable): Promise<TensorStatistics[]> {
  const bar = await showProgress('Reading', path);
  try {
    return await measureTensors(source, table, { onProgress: bar.update });
  } finally {
    bar.end();
  }
}

function toJson({ tensors, statistics, ...model }: InspectedModel): object {
  return {
    ...model,
    tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape, ...withoutName(statistics.get(name)) })),
  };
}

function withoutName(statistics: TensorStatistics | undefined): object {
  if (statistics === undefined) return {};
  const { name: _, dtype: __, ...numbers } = statistics;
  return { statistics: numbers };
}

import type { Identity } from '#scanner/identify/index.ts';
import type { TensorStatistics } from '#scanner/statistics/index.ts';
import type { Tensor, TensorTable } from '#scanner/tensors/index.ts';
import { formatBytes } from '../format-bytes.ts';
import { buildTensorTree, listTensors, type TensorNode } from '../tensor-tree/index.ts';
import { plain } from './terminal-text.ts';

/** One model as `inspect` shows it. */
export interface InspectedModel {
  path: string;
  identity: Identity;
  metadata: Record<string, string>;
  nonTensors: TensorTable['nonTensors'];
  /** Those that `--filter` leaves. */
  tensors: Tensor[];
  /** By the tensor's name; empty without `--stats`. */
  statistics: Map<string, TensorStatistics>;
  /** What is wrong with the numbers, in sentences. */
  problems: string[];
}

/** Letters of one metadata value that are shown; thumbnails and tag lists are megabytes. */
const MAX_VALUE = 160;
const NUMBER = new Intl.NumberFormat('en-GB');

/** A model for a terminal: what it is, its metadata, and its tree down to `depth` levels; null lists each tensor. */
export function describeModel(model: InspectedModel, depth: number | null): string {
  const { path, identity, metadata, nonTensors, problems } = model;
  const tree = buildTensorTree(model.tensors);
  const shown =
    depth === null ? listTensors(tree).map((node) => ({ ...node, label: node.path, depth: 0 })) : listTo(tree, depth);
  const { type, base, variant, family, confidence } = identity;
  return [
    plain(path),
    `  ${plain([type, base, variant, family].filter(Boolean).join(' · '))}  (${confidence})`,
    `  ${summarise(tree, model)}`,
    ...Object.entries(metadata).map(([key, value]) => `  ${plain(key)}: ${shorten(plain(value))}`),
    ...nonTensors.map(({ name, summary }) => `  other data: ${plain(name)}, ${plain(summary)}`),
    ...problems.map((problem) => `  ! ${plain(problem)}`),
    '',
    ...alignColumns(shown.map((node) => rowOf(node, model.statistics))),
    '',
  ].join('\n');
}

function summarise(tree: readonly TensorNode[], { tensors }: InspectedModel): string {
  const sum = (field: 'parameters' | 'bytes') => tree.reduce((total, node) => total + node[field], 0);
  const types = [...new Set(tensors.map(({ dtype }) => dtype))].join(', ');
  return `${NUMBER.format(tensors.length)} ${tensors.length === 1 ? 'tensor' : 'tensors'}, ${NUMBER.format(sum('parameters'))} parameters, ${formatBytes(sum('bytes'))}${types === '' ? '' : `, ${types}`}`;
}

/** Nodes down to `depth` levels; what lies below the last is summed up in it. */
function listTo(nodes: readonly TensorNode[], depth: number): TensorNode[] {
  return nodes.flatMap((node) => [node, ...(node.depth + 1 < depth ? listTo(node.children, depth) : [])]);
}

function rowOf(node: TensorNode, statistics: ReadonlyMap<string, TensorStatistics>): string[] {
  const { label, depth, tensor, tensors, parameters, bytes } = node;
  const name = `${'  '.repeat(depth + 1)}${plain(label)}`;
  if (tensor === null)
    return [name, `${NUMBER.format(tensors)} tensors`, NUMBER.format(parameters), formatBytes(bytes)];
  const shape = tensor.shape.length === 0 ? 'scalar' : tensor.shape.join('×');
  return [name, tensor.dtype, shape, formatBytes(bytes), ...numbersOf(statistics.get(tensor.name))];
}

function numbersOf(statistics: TensorStatistics | undefined): string[] {
  if (statistics === undefined) return [];
  const { min, max, mean, std, nan, infinite, unmeasured } = statistics;
  const words = [
    ...Object.entries({ min, max, mean, std }).map(([word, value]) =>
      value === null ? null : `${word} ${Number(value.toPrecision(4))}`,
    ),
    nan > 0 ? `${NUMBER.format(nan)} NaN` : null,
    infinite > 0 ? `${NUMBER.format(infinite)} infinite` : null,
    unmeasured,
  ];
  return [words.filter((word) => word !== null).join('  ')];
}

/** Columns as wide as their widest cell; the last is not filled up. */
function alignColumns(rows: readonly string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function shorten(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

import { isObject, type JsonObject, toObject } from './json.ts';

/** More nodes than any workflow has. */
const MAX_NODES = 5000;
const MAX_INPUTS = 64;
const MAX_DEPTH = 200;

/** A node of a ComfyUI prompt in API format. An input is a value, or where it comes from: `[node, output]`. */
export interface ComfyNode {
  id: string;
  type: string;
  inputs: JsonObject;
}

export type ComfyGraph = ReadonlyMap<string, ComfyNode>;

/** The nodes of a prompt. Null where the object is no such prompt or has more than 5000 nodes. */
export function readComfyGraph(prompt: JsonObject): ComfyGraph | null {
  const entries = Object.entries(prompt);
  if (entries.length > MAX_NODES) return null;
  const nodes = entries.flatMap(([id, node]): [string, ComfyNode][] =>
    isObject(node) && typeof node.class_type === 'string'
      ? [[id, { id, type: node.class_type, inputs: fewInputs(node.inputs) }]]
      : [],
  );
  return nodes.length === 0 ? null : new Map(nodes);
}

function fewInputs(inputs: unknown): JsonObject {
  return Object.fromEntries(Object.entries(toObject(inputs)).slice(0, MAX_INPUTS));
}

/** The node that an input comes from; null where the input is a value or missing. */
export function follow(graph: ComfyGraph, value: unknown): ComfyNode | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  return graph.get(String(value[0])) ?? null;
}

/** Nodes on the way up from some inputs, the nearest first, each once; `inputs` says which inputs of a node lead on. */
export function collectUpstream(
  graph: ComfyGraph,
  from: readonly unknown[],
  inputs: (node: ComfyNode) => readonly unknown[],
): ComfyNode[] {
  const waiting = from.flatMap((value) => follow(graph, value) ?? []);
  const seen = new Set(waiting.map(({ id }) => id));
  const path: ComfyNode[] = [];
  for (const node of waiting) {
    path.push(node);
    if (path.length >= MAX_DEPTH) break;
    for (const value of inputs(node)) {
      const next = follow(graph, value);
      if (next === null || seen.has(next.id)) continue;
      seen.add(next.id);
      waiting.push(next);
    }
  }
  return path;
}

/** Every input that another node gives. */
export function allInputs({ inputs }: ComfyNode): unknown[] {
  return Object.values(inputs);
}

/**
 * The value of an input: its own, or that of the node it comes from, which keeps it under the same name or one that
 * nodes for a single value use. Null where it is computed.
 */
export function inputValue(graph: ComfyGraph, node: ComfyNode, name: string): unknown {
  const given = node.inputs[name];
  const single = [name, 'value', 'seed', 'noise_seed', 'int', 'float', 'string', 'text', 'Number', 'ckpt_name'];
  for (const source of collectUpstream(graph, [given], allInputs)) {
    const found = single.map((key) => source.inputs[key]).find((value) => isValue(value));
    if (found !== undefined) return found;
  }
  return isValue(given) ? given : null;
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

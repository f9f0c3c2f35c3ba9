import type { Graph, NodeInput } from './types.ts';

/** The output of a node. */
export type Link = readonly [node: string, output: number];

/** Puts a workflow together, node by node; ids are numbers, as some extensions of ComfyUI expect. */
export interface GraphBuilder {
  readonly graph: Graph;
  /** Adds a node and returns its first output. */
  add(classType: string, inputs: Record<string, NodeInput>): Link;
}

export function buildGraph(): GraphBuilder {
  const graph: Graph = {};
  let last = 0;
  return {
    graph,
    add(classType, inputs) {
      last += 1;
      graph[last] = { class_type: classType, inputs };
      return [String(last), 0];
    },
  };
}

/** Another output of the same node. */
export function output(link: Link, which: number): Link {
  return [link[0], which];
}

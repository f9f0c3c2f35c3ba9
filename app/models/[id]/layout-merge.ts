import { graphlib, layout } from '@dagrejs/dagre';
import type { MetadataView } from '#lib/catalog/client.ts';

type Merge = NonNullable<MetadataView['merge']>;

/** Pixels. */
export const NODE = { width: 200, height: 62 };
const GAP = { between: 16, ranks: 72 };

export interface PlacedNode {
  node: Merge['nodes'][number];
  /** Pixels of its left upper corner. */
  left: number;
  top: number;
}
export interface PlacedEdge {
  edge: Merge['edges'][number];
  /** Of an SVG `path`. */
  path: string;
  /** Where its share is written, in pixels. */
  label: { x: number; y: number };
}
export interface MergePicture {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

/** Places a family of merges from left to right: parents before what was made of them, the model itself at the end. */
export function layoutMerge(merge: Merge): MergePicture {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: GAP.between, ranksep: GAP.ranks });
  const known = new Map(merge.nodes.map((node) => [node.id, node]));
  for (const { id } of merge.nodes) graph.setNode(id, { ...NODE });
  const laidOut = merge.edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  laidOut.forEach((edge, index) => {
    graph.setEdge(edge.from, edge.to, { width: 40, height: 18, labelpos: 'c' }, String(index));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: graph.nodes().flatMap((id) => {
      const node = known.get(id);
      const { x, y } = graph.node(id);
      return node === undefined ? [] : [{ node, left: x - NODE.width / 2, top: y - NODE.height / 2 }];
    }),
    edges: laidOut.map((edge, index) => {
      const { points, x = 0, y = 0 } = graph.edge(edge.from, edge.to, String(index));
      return { edge, path: smooth(points), label: { x, y } };
    }),
  };
}

/** A curve through the first and last point that bends at those between. */
function smooth(points: readonly { x: number; y: number }[]): string {
  const [first, ...middlePoints] = points;
  const last = middlePoints.pop();
  if (first === undefined || last === undefined) return '';
  const bends = middlePoints.map((point, i) => {
    const next = middlePoints[i + 1] ?? last;
    return i === middlePoints.length - 1
      ? `Q${point.x} ${point.y} ${last.x} ${last.y}`
      : `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y}${bends.length === 0 ? `L${last.x} ${last.y}` : bends.join('')}`;
}
